/* How the OHIF viewer is set up here: one data source, our own DICOMweb, by the session's cookie. */
(function () {
  "use strict";
  // Two codecs in the published bundle ask for Node's names before they look where they run.
  window.__filename = "/workstation/app.bundle.js";
  window.__dirname = "/workstation";
  window.PUBLIC_URL = "/workstation/";
  window.browserImportFunction = (address) => import(address);

  const DICOMWEB = "/api/dicomweb/";
  const PATIENT_ID = "00100020";
  const opened = new URLSearchParams(window.location.search);
  const person = opened.get("person_id");

  /**
   * What the viewer asks, as it may be asked here.
   *
   * It looks for earlier studies by the patient's number in the address, where logs would keep it:
   * the person that the page was opened for is asked for instead, or else the opened study alone.
   * A page opened as of then asks for everything as of then.
   */
  function asked(said) {
    const url = new URL(said, window.location.href);
    if (url.origin !== window.location.origin || !url.pathname.startsWith(DICOMWEB)) return said;
    if (url.searchParams.has(PATIENT_ID)) {
      url.searchParams.delete(PATIENT_ID);
      if (person) url.searchParams.set("person_id", person);
      else url.searchParams.set("StudyInstanceUID", opened.get("StudyInstanceUIDs") ?? "");
    }
    for (const clock of ["known_at", "recorded_at"]) {
      const at = opened.get(clock);
      if (at) url.searchParams.set(clock, at);
    }
    return url.href;
  }

  // What changes something here carries this header; other sites cannot send it.
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, said, ...rest) {
    const url = asked(said);
    open.call(this, method, url, ...rest);
    const ours = new URL(url, window.location.href).origin === window.location.origin;
    if (ours && !/^(GET|HEAD|OPTIONS)$/i.test(method)) this.setRequestHeader("X-Vitruvian", "1");
  };
  const fetched = window.fetch;
  window.fetch = (what, how) => fetched.call(window, typeof what === "string" ? asked(what) : what, how);

  // The viewer's own tour covers the first picture that somebody is in a hurry to see.
  window.localStorage.setItem("shownTours", JSON.stringify(["basicViewerTour"]));

  function wayBack(React) {
    const label = person ? "Vitruvian: back to the patient" : "Vitruvian";
    const href = person ? `/patients/${encodeURIComponent(person)}` : "/";
    return React.createElement("a", { href, style: { color: "#fff", fontSize: "14px", whiteSpace: "nowrap" } }, label);
  }

  function leaveWhenSignedOut(error) {
    if (error && error.status === 401) window.location.assign("/sign-in");
  }

  window.config = {
    routerBasename: "/workstation",
    extensions: [],
    modes: [],
    customizationService: {},
    whiteLabeling: { createLogoComponentFn: wayBack },
    investigationalUseDialog: { option: "configure", days: 30 },
    // The list of studies would search by patients' names in addresses: studies are opened from the patient's page.
    showStudyList: false,
    showWarningMessageForCrossOrigin: false,
    showCPUFallbackMessage: true,
    showLoadingIndicator: true,
    showErrorDetails: "production",
    strictZSpacingForVolumeViewport: true,
    maxNumberOfWebWorkers: 3,
    maxNumRequests: { interaction: 20, thumbnail: 4, prefetch: 6 },
    defaultDataSourceName: "vitruvian",
    dataSources: [
      {
        namespace: "@ohif/extension-default.dataSourcesModule.dicomweb",
        sourceName: "vitruvian",
        configuration: {
          friendlyName: "Vitruvian",
          name: "vitruvian",
          qidoRoot: "/api/dicomweb",
          wadoRoot: "/api/dicomweb",
          wadoUriRoot: "/api/dicomweb",
          qidoSupportsIncludeField: false,
          supportsFuzzyMatching: false,
          supportsWildcard: false,
          supportsReject: false,
          imageRendering: "wadors",
          thumbnailRendering: "wadors",
          enableStudyLazyLoad: true,
          staticWado: false,
          dicomUploadEnabled: false,
          omitQuotationForMultipartRequest: true,
          bulkDataURI: { enabled: true, relativeResolution: "studies" },
        },
      },
    ],
    httpErrorHandler: leaveWhenSignedOut,
  };
})();
