// What page_test.go looks for on the chat page. Every wait is for a condition, looked at frame by frame; the test's patience ends it.
window.screen_ = (() => {
  const until = (condition) => new Promise((resolve, reject) => {
    const look = async () => {
      try {
        const found = await condition();
        if (found) resolve(found);
        else requestAnimationFrame(look);
      } catch (error) {
        reject(error);
      }
    };
    look();
  });

  const words = (text) => text.replace(/\s+/g, ' ').trim();
  const holds = (node, pieces) => pieces.every((piece) => words(node.textContent).includes(words(piece)));
  const shown = (node) => node.checkVisibility() && node.getBoundingClientRect().height > 0;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);

  /** The element of a test id, the last one where there are several. */
  const part = (id, within = '') => all(`${within} [data-testid="${id}"]`).at(-1);

  const chat = (id) => (id ? `[data-testid="chat"][data-chat="${id}"]` : '');

  /** The newest message of a chat (of the only one when id is 0) that says all of this, its buttons included. */
  const message = (id, ...pieces) => all(`${chat(id)} [data-testid="message"]`).findLast((row) => holds(row, pieces));

  /** A button with this label: under the newest message that has any, or of the bot's keyboard. An older message's is not meant. */
  const button = (id, label) => {
    const keyboard = all(`${chat(id)} [data-testid="inline-keyboard"]`).at(-1);
    const candidates = [...(keyboard?.querySelectorAll('[data-testid="callback"]') ?? []), ...all(`${chat(id)} [data-testid="reply-button"]`)];
    return candidates.find((one) => holds(one, [label]));
  };

  const frame = () => new Promise(requestAnimationFrame);

  /** Where a person would press an element: it is in view, covered by nothing, enabled, and has stopped moving. */
  const spot = async (node) => {
    if (!node || node.disabled) return null;
    node.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    const before = node.getBoundingClientRect();
    await frame();
    const box = node.getBoundingClientRect();
    if (box.width === 0 || box.top !== before.top || box.left !== before.left) return null;
    const at = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    return node.contains(document.elementFromPoint(at.x, at.y)) ? at : null;
  };

  return { until, part, message, button, spot, all };
})();
