// The keyboard that the bot puts below the input.

import { el, icon } from './dom.js';

export class ReplyKeyboard {
  element = el('div', { class: 'reply-keyboard', hidden: true, dataset: { testid: 'reply-keyboard' } });
  #chat;
  #actions;
  #shown = null;

  /** Actions: send(text), askLocation(), askContact(), changed() after the keyboard was opened or closed here. */
  constructor(chat, actions) {
    this.#chat = chat;
    this.#actions = actions;
  }

  toggle() {
    this.#chat.keyboardOpen = !this.#chat.keyboardOpen;
    this.#actions.changed();
  }

  update(covered) {
    const { keyboard, keyboardOpen } = this.#chat;
    this.element.hidden = covered || !keyboard || !keyboardOpen;
    if (keyboard === this.#shown) return;
    this.#shown = keyboard;
    this.element.replaceChildren(...(keyboard?.keyboard ?? []).map((row) =>
      el('div', { class: 'reply-row' }, row.map((button) => this.#button(button)))));
  }

  #button(given) {
    const button = typeof given === 'string' ? { text: given } : given;
    return el('button', {
      type: 'button', class: 'reply-button', dataset: { testid: 'reply-button' }, onclick: () => this.#press(button),
    }, button.request_location ? icon('pin') : null, el('span', {}, button.text));
  }

  #press(button) {
    if (button.request_location) this.#actions.askLocation();
    else if (button.request_contact) this.#actions.askContact();
    else this.#actions.send(button.text);
    if (this.#chat.keyboard?.one_time_keyboard) this.toggle();
  }
}
