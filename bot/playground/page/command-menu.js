// The list of the bot's commands: opened by the menu button, or by typing "/".

import { el, uniqueId } from './dom.js';
import { t } from './i18n.js';

export class CommandMenu {
  id = uniqueId('commands');
  #chat;
  #onChoose;
  #onFill;
  #prefix = null;
  #active = 0;

  /** `onChoose("/command")` sends a command, `onFill("/command ")` puts it into the field to be completed. */
  constructor(chat, { onChoose, onFill }) {
    this.#chat = chat;
    this.#onChoose = onChoose;
    this.#onFill = onFill;
    this.element = el('div', {
      class: 'command-menu', id: this.id, role: 'listbox', tabindex: '-1', 'aria-label': t('commands'), hidden: true,
      dataset: { testid: 'commands' },
      onkeydown: (event) => {
        if (this.key(event)) event.preventDefault();
      },
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** The id of the highlighted command, for the field's aria-activedescendant. */
  get activeId() {
    return this.isOpen ? `${this.id}-${this.#active}` : '';
  }

  toggle() {
    if (this.isOpen) {
      this.close();
      return;
    }
    this.#open('');
    this.element.focus();
  }

  /** Follows what is typed: a slash and a word opens the list of the commands that begin so. */
  filter(text) {
    const match = /^\/(\w*)$/.exec(text);
    if (match) this.#open(match[1].toLowerCase());
    else this.close();
  }

  /** Shows the list anew when the bot changed its commands. */
  refresh() {
    if (this.isOpen) this.#open(this.#prefix);
  }

  close() {
    this.element.hidden = true;
    this.#prefix = null;
  }

  /** Takes the keys that belong to the open list, and says whether it took this one. */
  key(event) {
    if (!this.isOpen) return false;
    const found = this.#found();
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp':
        this.#active = (this.#active + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length;
        this.#render();
        return true;
      case 'Enter':
        this.#choose(found[this.#active]);
        return true;
      case 'Tab':
        this.#onFill(`/${found[this.#active].command} `);
        return true;
      case 'Escape':
        this.close();
        return true;
      default:
        return false;
    }
  }

  #open(prefix) {
    if (prefix !== this.#prefix) this.#active = 0;
    this.#prefix = prefix;
    this.element.hidden = this.#found().length === 0;
    this.#render();
  }

  #found() {
    return this.#chat.commands.filter(({ command }) => command.startsWith(this.#prefix ?? ''));
  }

  #choose({ command }) {
    this.close();
    this.#onChoose(`/${command}`);
  }

  #render() {
    this.element.replaceChildren(...this.#found().map((entry, index) => el('div', {
      class: 'command', role: 'option', id: `${this.id}-${index}`, 'aria-selected': String(index === this.#active),
      dataset: { command: entry.command }, onclick: () => this.#choose(entry),
    }, el('strong', {}, `/${entry.command}`), el('span', {}, entry.description))));
    this.element.setAttribute('aria-activedescendant', this.activeId);
    this.element.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }
}
