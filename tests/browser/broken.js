// Numbers whose digits stand on two lines, for test_looks.py: "7.2" over "7" is read as another value.
() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode;
    for (const { 0: number, index } of words.textContent.matchAll(/\d[\d.,]{0,11}/g)) {
      const digits = document.createRange();
      digits.setStart(words, index);
      digits.setEnd(words, index + number.length);
      const lines = new Set([...digits.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top)));
      if (lines.size > 1) found.add(`${number} in ${words.textContent.trim().slice(0, 40)}`);
    }
  }
  return [...found];
}
