// What a person sees before the first message: what the bot can do. The START button is the composer's.

import { el, icon } from './dom.js';
import { t } from './i18n.js';

export class StartScreen {
  #card;
  #fallback;
  #text = el('p');

  constructor(bot) {
    this.#fallback = bot.description || bot.short_description || '';
    this.#card = el('div', { class: 'start-card', dataset: { testid: 'start-card' } },
      el('div', { class: 'start-picture' }, icon('book')),
      el('h3', {}, t('what_can')),
      this.#text);
  }

  /** Shows the card in the middle of the frame, or takes it away. `description` is the one in the person's language. */
  show(visible, frame, description) {
    this.#text.textContent = description || this.#fallback;
    if (visible && !this.#card.isConnected) frame.append(this.#card);
    if (!visible) this.#card.remove();
  }
}
