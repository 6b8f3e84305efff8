/**
 * Takes the prebuilt OHIF viewer out of its npm package and lays it out to be served under /workstation.
 *
 * The package is large (about 200 MB unpacked), so it is neither committed nor installed with its
 * hundred dependencies, which are inside the prebuilt files already. It is fetched by npm while
 * building, checked against the digest in ohif.json, and trimmed; nothing is fetched at run time.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const CACHE = join(HERE, "../node_modules/.cache/workstation");
const OUT = join(HERE, "../../src/vitruvian/api/static/workstation");
const PIN = JSON.parse(readFileSync(join(HERE, "ohif.json"), "utf8"));

/** Not served: models and slides that are not used here, maps, other sites' settings, start screens of telephones. */
const LEFT_OUT = [
  /^ort$/, /^dicom-microscopy-viewer$/, /^customizations$/, /\.map$/, /^google\.js$/, /^sw\.js$/,
  /^init-service-worker\.js$/, /^oidc-client\.min\.js$/, /^silent-refresh\.html$/, /^index\.html$/, /^app-config\.js$/,
  /^manifest\.json$/, /^serve\.json$/, /^_headers$/, /^_redirects$/, /^polyfill\.min\.js$/, /^es6-shim\.min\.js$/,
];
/** The bundles ask for their parts at the root of the site: each loader names it once, style sheets at each part. */
const MOVED = [
  [/__webpack_require__\.p = "\/";/g, '__webpack_require__.p = "/workstation/";'],
  [/url\(\/(?!\/)/g, "url(/workstation/"],
];

function archive() {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, `ohif-app-${PIN.version}.tgz`);
  if (!existsSync(file)) {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    execFileSync(npm, ["pack", `${PIN.package}@${PIN.version}`, "--silent", "--pack-destination", CACHE], { stdio: ["ignore", "ignore", "inherit"] });
  }
  const digest = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  if (digest !== PIN.integrity) {
    rmSync(file);
    throw new Error(`${PIN.package} ${PIN.version} is not the package that ohif.json names: expected ${PIN.integrity}, found ${digest}. Look at what changed before writing the new digest there.`);
  }
  return file;
}

function unpacked(file) {
  const folder = join(CACHE, "part");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  execFileSync("tar", ["-xzf", file, "-C", folder]);
  return join(folder, "package");
}

function laidOut(from) {
  const part = `${OUT}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const dist = join(from, "dist");
  for (const name of readdirSync(dist).filter((each) => !LEFT_OUT.some((rule) => rule.test(each)))) {
    cpSync(join(dist, name), join(part, name), { recursive: true, filter: (path) => !/apple-touch|mstile-|firefox_app|android-chrome|yandex/.test(path) });
  }
  cpSync(join(from, "LICENSE"), join(part, "LICENSE"));
  return part;
}

function rooted(part) {
  const moved = readdirSync(part).filter((name) => /\.(js|css)$/.test(name)).filter((name) => {
    const [script, sheet] = MOVED;
    const [from, to] = name.endsWith(".js") ? script : sheet;
    const text = readFileSync(join(part, name), "utf8");
    const now = text.replaceAll(from, to);
    if (now !== text) writeFileSync(join(part, name), now);
    return now !== text;
  });
  const app = moved.find((name) => /^app\.bundle\..*js$/.test(name));
  if (!app) {
    throw new Error(`${PIN.package} ${PIN.version} is built otherwise than expected: its application bundle does not name its root. See take.mjs.`);
  }
  return app;
}

const part = laidOut(unpacked(archive()));
const app = rooted(part);
writeFileSync(join(part, "index.html"), readFileSync(join(HERE, "index.html"), "utf8").replace("APP_BUNDLE", app));
cpSync(join(HERE, "app-config.js"), join(part, "app-config.js"));
rmSync(OUT, { recursive: true, force: true });
renameSync(part, OUT);
rmSync(join(CACHE, "part"), { recursive: true, force: true });
