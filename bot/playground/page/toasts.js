// Short notices over a chat: the bot's answers to pressed buttons, and the page's own.

import { el } from './dom.js';

const SHOWN_MS = 4_500;

export class Toasts {
  element = el('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });

  show(text) {
    const toast = el('div', { class: 'toast', dataset: { testid: 'toast' }, onclick: () => toast.remove() }, text);
    this.element.replaceChildren(toast);
    setTimeout(() => toast.remove(), SHOWN_MS);
  }
}
