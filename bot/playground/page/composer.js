// Where a message is written: text, reply, command menu, reply keyboard, attachments; and the big buttons that stand in its
// place when the bot was not started or is blocked.

import { PickFile } from './attach.js';
import { summary } from './bubble.js';
import { CommandMenu } from './command-menu.js';
import { el, icon, iconButton } from './dom.js';
import { t } from './i18n.js';
import { openLocationDialog } from './location-dialog.js';
import { openMenu } from './popup.js';
import { ReplyKeyboard } from './reply-keyboard.js';

// On a touch screen Enter makes a new line, and the screen's keyboard does not open by itself.
const touch = matchMedia('(pointer: coarse)');

export class Composer {
  #store;
  #chat;
  #actions;
  #field;
  #form;
  #reply;
  #big;
  #menuButton;
  #keyboardButton;
  #commands;
  #keyboard;
  #files;

  constructor(store, chat, actions) {
    this.#store = store;
    this.#chat = chat;
    this.#actions = actions;
    this.#files = new PickFile(actions.attach);
    this.#commands = new CommandMenu(chat, {
      onChoose: (command) => this.#sendCommand(command),
      onFill: (text) => {
        this.#fill(text);
        this.#field.focus();
      },
    });
    this.#keyboard = new ReplyKeyboard(chat, {
      send: (text) => actions.sendText(text),
      askLocation: () => openLocationDialog(actions.sendLocation),
      askContact: actions.sendContact,
      changed: () => this.update('keyboard'),
    });
    this.#build();
    this.update('all', false);
  }

  focus() {
    if (!touch.matches) this.#field.focus({ preventScroll: true });
  }

  close() {
    this.#chat.draft = this.#field.value;
  }

  update(what, unstarted = this.element.classList.contains('unstarted')) {
    const chat = this.#chat;
    this.element.classList.toggle('unstarted', unstarted);
    this.element.classList.toggle('blocked', chat.blocked);
    this.#big.hidden = !unstarted && !chat.blocked;
    this.#form.hidden = !this.#big.hidden;
    this.#big.textContent = chat.blocked ? t('unblock') : t('start');
    this.#big.dataset.testid = chat.blocked ? 'unblock' : 'start';
    this.#menuButton.hidden = chat.commands.length === 0;
    this.#commands.refresh();
    this.#keyboard.update(!this.#big.hidden);
    this.#keyboardButton.hidden = !chat.keyboard;
    this.#keyboardButton.replaceChildren(icon(chat.keyboardOpen ? 'chevron-down' : 'keyboard'));
    this.#keyboardButton.setAttribute('aria-pressed', String(chat.keyboardOpen));
    const label = t(chat.keyboardOpen ? 'hide_keyboard' : 'show_keyboard');
    this.#keyboardButton.title = label;
    this.#keyboardButton.setAttribute('aria-label', label);
    this.#showReply();
    if (what === 'message' && this.#chat.last?.force_reply && this.element.matches(':focus-within')) this.focus();
  }

  #build() {
    const chat = this.#chat;
    this.#field = el('textarea', {
      class: 'field', rows: '1', autocomplete: 'off', maxlength: '4096', dataset: { testid: 'input' }, 'aria-label': t('message'),
      role: 'combobox', 'aria-expanded': 'false', 'aria-controls': this.#commands.id, 'aria-autocomplete': 'list',
      'aria-haspopup': 'listbox',
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onpaste: (event) => this.#paste(event),
    });
    this.#field.value = chat.draft;
    this.#menuButton = el('button', {
      type: 'button', class: 'menu-button', 'aria-label': t('menu'), 'aria-haspopup': 'listbox', dataset: { testid: 'menu' },
      onclick: () => this.#commands.toggle(),
    }, icon('menu'), el('span', {}, t('menu')));
    this.#keyboardButton = iconButton('keyboard', t('show_keyboard'), {
      dataset: { testid: 'keyboard-toggle' }, onclick: () => this.#keyboard.toggle(),
    });
    const attach = iconButton('clip', t('attach'), {
      'aria-haspopup': 'menu', dataset: { testid: 'attach' }, onclick: (event) => this.#openAttachMenu(event.currentTarget),
    });
    const send = iconButton('send', t('send'), { class: 'send', type: 'submit', dataset: { testid: 'send' } });
    this.#reply = el('div', { class: 'reply-bar', hidden: true });
    const box = el('div', { class: 'composer-box' }, this.#reply,
      el('div', { class: 'composer-line' }, this.#menuButton, this.#field, this.#keyboardButton, attach));
    this.#form = el('form', { class: 'composer-form', onsubmit: (event) => this.#submit(event) }, box, send);
    this.#big = el('button', { type: 'button', class: 'big-button', hidden: true, onclick: () => this.#pressBig() });
    this.element = el('footer', {
      class: 'composer',
      onfocusout: ({ relatedTarget }) => {
        if (!this.element.contains(relatedTarget)) this.#commands.close();
      },
    }, this.#commands.element, this.#form, this.#big, this.#keyboard.element, this.#files.element);
  }

  #pressBig() {
    if (this.#chat.blocked) this.#actions.block(false);
    else this.#actions.sendText('/start');
  }

  #typed() {
    this.element.classList.toggle('has-text', this.#field.value !== '');
    this.#commands.filter(this.#field.value);
    this.#field.setAttribute('aria-expanded', String(this.#commands.isOpen));
    this.#field.setAttribute('aria-activedescendant', this.#commands.activeId);
    this.#grow();
  }

  /** Makes the field as high as its text, where the browser does not do it by itself (field-sizing). */
  #grow() {
    if (CSS.supports('field-sizing: content')) return;
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.#commands.key(event)) {
      event.preventDefault();
      this.#field.setAttribute('aria-activedescendant', this.#commands.activeId);
      return;
    }
    if (event.key === 'Escape' && this.#chat.replyTo) {
      this.#setReply(null);
    } else if (event.key === 'Enter' && !event.shiftKey && !touch.matches) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
  }

  #fill(text) {
    this.#field.value = text;
    this.#typed();
  }

  #paste(event) {
    const [file] = event.clipboardData.files;
    if (!file) return;
    event.preventDefault();
    this.#actions.attach(file, file.type.startsWith('image/') ? 'photo' : 'document');
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.#field.value.trim();
    if (!text) return;
    const replyTo = this.#chat.replyTo;
    this.#fill('');
    this.#setReply(null);
    const sent = await this.#actions.sendText(text, replyTo);
    if (!sent && this.#field.value === '') this.#fill(text);
  }

  #sendCommand(command) {
    this.#fill('');
    this.#actions.sendText(command);
    this.focus();
  }

  #openAttachMenu(at) {
    openMenu(at, t('attach'), [
      { icon: 'photo', label: t('attach_photo'), action: () => this.#files.pick('photo') },
      { icon: 'file', label: t('attach_document'), action: () => this.#files.pick('document') },
      { icon: 'pin', label: t('attach_location'), action: () => openLocationDialog(this.#actions.sendLocation), testid: 'location' },
    ]);
  }

  #setReply(id) {
    this.#chat.replyTo = id;
    this.#showReply();
  }

  #showReply() {
    const quoted = this.#chat.message(this.#chat.replyTo);
    this.#field.placeholder = quoted?.force_reply?.placeholder || this.#chat.keyboard?.input_field_placeholder || t('message');
    this.#reply.hidden = !quoted;
    if (!quoted) return;
    const name = quoted.from_bot ? this.#store.bot.first_name : quoted.from?.first_name ?? t('you');
    this.#reply.replaceChildren(
      icon('reply'),
      el('div', { class: 'reply-head' }, el('span', { class: 'reply-name' }, name), el('span', { class: 'reply-text' }, summary(quoted))),
      iconButton('close', t('cancel_reply'), { onclick: () => this.#setReply(null) }));
  }
}
