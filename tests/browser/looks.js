// Measures of a drawn page, for test_looks.py: what is unnamed, doubled or hard to read.
() => {
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && Number(style.opacity) > 0.01;
  };
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((part, at) => part * top[3] + under[at] * (1 - top[3]));
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.push(rgba(getComputedStyle(at).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !seen(element) || element.closest("[disabled], [data-disabled], .visually-hidden")) continue;
    const style = getComputedStyle(element);
    const under = ground(element);
    const ratio = contrast(over(rgba(style.color), under), under);
    const big = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (big ? 3 : 4.5)) faint.add(`${ratio.toFixed(2)} ${element.tagName} ${element.className}`);
  }

  const name = (element) =>
    (element.getAttribute("aria-label") || element.innerText.trim() || element.title ||
      [...(element.labels ?? [])].map((label) => label.textContent).join("") || element.placeholder || "").trim();
  const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, [role=button]")].filter(seen);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  return {
    faint: [...faint],
    unnamed: controls.filter((element) => !name(element)).map((element) => element.outerHTML.slice(0, 120)),
    doubled: ids.filter((id, at) => ids.indexOf(id) !== at),
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: document.querySelectorAll("h1").length,
  };
}
