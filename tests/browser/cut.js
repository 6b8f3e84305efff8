// Words that end outside what holds them, for test_looks.py: past the window, or clipped without an ellipsis.
() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.closest(".visually-hidden, .skip-link, script, style")) continue;
    const words = document.createRange();
    words.selectNodeContents(walker.currentNode);
    const box = words.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    let told = false;
    let ends = innerWidth;
    for (let at = element; at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      told ||= style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none" || /auto|scroll/.test(style.overflowX);
      if (/hidden|clip/.test(style.overflowX)) ends = Math.min(ends, at.getBoundingClientRect().right);
    }
    if (!told && box.right > ends + 1) found.add(`${element.tagName} ${walker.currentNode.textContent.trim().slice(0, 40)}`);
  }
  return [...found];
}
