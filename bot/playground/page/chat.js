// A chat on the screen: its head, its messages, its composer, and what can be done in it.

import * as api from './api.js';
import { openAttachDialog, watchDrops } from './attach.js';
import { avatar } from './avatar.js';
import { Composer } from './composer.js';
import { openAlert, openDialog, openPicture } from './dialogs.js';
import { el, icon, iconButton } from './dom.js';
import { t } from './i18n.js';
import { linkTarget, startText } from './links.js';
import { openMenu } from './popup.js';
import { StartScreen } from './start-screen.js';
import { Timeline } from './timeline.js';
import { Toasts } from './toasts.js';

const ACTION_WORDS = {
  upload_document: 'sending_document', upload_photo: 'sending_photo', find_location: 'finding_location',
};

export class ChatView {
  #store;
  #chat;
  #timeline;
  #composer;
  #start;
  #toasts = new Toasts();
  #status;
  #badge;
  #needsAttention;
  #stop = new AbortController();

  /**
   * `onBack` leaves the chat on a phone. In columns (`isColumn`) all chats are in view at once: there a chat counts as read only
   * while the pointer or the focus is in it.
   */
  constructor(store, id, { onBack, isColumn = false }) {
    this.#store = store;
    this.#chat = store.chat(id);
    this.#needsAttention = isColumn;
    const actions = this.#actions();
    this.#timeline = new Timeline(store, this.#chat, actions, () => this.#read());
    this.#composer = new Composer(store, this.#chat, actions);
    this.#start = new StartScreen(store.bot);
    this.element = el('section', {
      class: isColumn ? 'chat column' : 'chat', dataset: { chat: id, testid: 'chat' }, 'aria-label': this.#personName(),
      onpointerenter: () => this.#attend(), onfocusin: () => this.#attend(),
    }, this.#head(onBack, isColumn), this.#timeline.element, this.#composer.element);
    this.#timeline.element.append(this.#toasts.element);
    this.element.addEventListener('click', (event) => this.#followLink(event, actions));
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target.matches('.spoiler, .expandable')) this.#followLink(event, actions);
    });
    watchDrops(this.element, (file, kind) => this.#attach(file, kind));
    this.#listen();
  }

  /** Called once the element is in the page. */
  opened() {
    if (!this.#needsAttention) this.#chat.open();
    this.#show('all');
    this.#timeline.restore();
    if (!this.#chat.loaded) this.#try(this.#store.loadChat(this.#chat.id));
    this.#read();
  }

  /** Takes the chat off the screen: what is unread next time is separated anew. */
  close() {
    this.#stop.abort();
    this.#timeline.close();
    this.#composer.close();
    this.#chat.separatorBefore = null;
  }

  focus() {
    this.#composer.focus();
  }

  #listen() {
    const { signal } = this.#stop;
    this.#store.addEventListener('chat', ({ detail }) => {
      if (detail.id === this.#chat.id) this.#show(detail.what);
    }, { signal });
    this.#store.addEventListener('toast', ({ detail }) => {
      if (detail.id === this.#chat.id) this.#showAnswer(detail);
    }, { signal });
    // "Today" becomes "yesterday" when the clock moves.
    this.#store.addEventListener('clock', () => this.#timeline.update('clock'), { signal });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#attend();
    }, { signal });
  }

  #show(what) {
    const chat = this.#chat;
    if (what === 'messages' && !this.#needsAttention) chat.open();
    if (what === 'unread') {
      this.#showHead();
      return;
    }
    const unstarted = chat.loaded && chat.messages.length === 0;
    this.element.classList.toggle('unstarted', unstarted);
    this.#start.show(unstarted, this.#timeline.element, chat.description);
    this.#composer.update(what, unstarted);
    if (!['action', 'keyboard', 'commands', 'state'].includes(what)) this.#timeline.update(what);
    if (what === 'messages') this.#timeline.restore();
    this.#showHead();
    this.#read();
  }

  #showHead() {
    const { action, unread } = this.#chat;
    this.#status.textContent = action ? t(ACTION_WORDS[action] ?? 'typing') : t('bot');
    this.#status.classList.toggle('acting', Boolean(action));
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread;
    this.#badge.setAttribute('aria-label', t('unread_count', { n: unread }));
  }

  #showAnswer({ text, alert, url }) {
    if (url) {
      const target = linkTarget(url, this.#store.bot);
      if (target && 'start' in target) this.#try(api.sendText(this.#chat.id, startText(target.start)));
      else if (target) openAlert({ title: t('open_link'), text: target.web, link: target.web });
      return;
    }
    if (!text) return;
    if (alert) openAlert({ title: this.#store.bot.first_name, text, testid: 'alert' });
    else this.#toasts.show(text);
  }

  #actions() {
    const id = this.#chat.id;
    return {
      sendText: (text, replyTo) => this.#try(api.sendText(id, text, replyTo)),
      start: (payload) => this.#try(api.sendText(id, startText(payload))),
      press: (messageId, data) => this.#press(messageId, data),
      sendLocation: (latitude, longitude) => this.#try(api.sendLocation(id, latitude, longitude)),
      sendContact: () => this.#confirmContact(),
      attach: (file, kind) => this.#attach(file, kind),
      block: (blocked) => this.#try(this.#block(blocked)),
      copy: (text) => this.#try(navigator.clipboard.writeText(text).then(() => this.#toasts.show(t('copied')))),
      reply: (message) => this.#reply(message),
      showActions: (message, at) => this.#showMessageActions(message, at),
      openPicture: (url) => openPicture(url),
      goTo: (messageId) => this.#timeline.goTo(messageId),
      loadEarlier: () => this.#try(this.#store.loadEarlier(id)),
      unsupportedLink: () => this.#toasts.show(t('link_unsupported')),
      say: (text) => this.#toasts.show(text),
    };
  }

  async #press(messageId, data) {
    const { id } = this.#chat;
    if (this.#chat.isPressed(messageId, data)) return;
    const refresh = () => this.#store.changed(id, 'answered');
    this.#chat.press(messageId, data, refresh);
    refresh();
    try {
      const { query_id: queryId } = await api.pressButton(id, messageId, data);
      this.#chat.asked(messageId, data, queryId);
    } catch (error) {
      this.#chat.release(messageId, data);
      this.#toasts.show(error.message);
    }
    refresh();
  }

  #attach(file, kind) {
    openAttachDialog(file, kind, (caption) => api.sendFile(this.#chat.id, file, kind, caption));
  }

  #confirmContact() {
    openDialog({
      title: t('send_contact'), content: el('p', {}, t('send_contact_hint')), confirm: t('send'), testid: 'contact-dialog',
      onConfirm: () => api.sendContact(this.#chat.id),
    });
  }

  #reply(message) {
    this.#chat.replyTo = message.message_id;
    this.#composer.update('reply');
    this.#composer.focus();
  }

  async #block(blocked) {
    await api.setBlocked(this.#chat.id, blocked);
    this.#chat.blocked = blocked;
    this.#store.changed(this.#chat.id, 'state');
  }

  #showMessageActions(message, at) {
    const { reply, copy } = this.#actions();
    openMenu(at, t('message_actions'), [
      { icon: 'reply', label: t('reply'), action: () => reply(message), testid: 'reply' },
      message.text && { icon: 'copy', label: t('copy_text'), action: () => copy(message.text) },
    ]);
  }

  /** Links in messages that are not web pages: commands and deep links are sent, spoilers opened, long quotes unfolded. */
  #followLink(event, actions) {
    const target = event.target.closest('.text a[data-command], .text a[data-start], .spoiler, .expandable');
    if (!target) return;
    if (target.matches('a')) {
      event.preventDefault();
      if (target.dataset.command) actions.sendText(target.dataset.command);
      else actions.start(target.dataset.start);
      return;
    }
    target.classList.toggle('open');
  }

  #attend() {
    if (this.#needsAttention && this.#chat.unread > 0) {
      this.#chat.open();
      this.#timeline.update('separator');
    }
    this.#read();
  }

  #read() {
    const attended = !this.#needsAttention || this.element.matches(':hover, :focus-within');
    if (!attended || !this.#chat.loaded || document.visibilityState !== 'visible' || !this.element.isConnected) return;
    const seen = this.#timeline.lastSeen();
    if (seen) this.#try(this.#store.read(this.#chat.id, seen));
  }

  async #try(work) {
    try {
      await work;
      return true;
    } catch (error) {
      this.#toasts.show(error.message || t('failed'));
      return false;
    }
  }

  #personName() {
    const person = this.#store.person(this.#chat.id);
    return [person?.first_name, person?.last_name].filter(Boolean).join(' ');
  }

  #head(onBack, isColumn) {
    const person = this.#store.person(this.#chat.id);
    this.#status = el('span', { class: 'head-status', role: 'status' }, t('bot'));
    this.#badge = el('span', { class: 'badge', hidden: true, dataset: { testid: 'unread' } });
    const who = el('div', { class: 'head-who' },
      avatar(person, 'small'),
      el('span', { class: 'head-person' }, this.#personName()),
      person?.language_code ? el('span', { class: 'language-tag' }, person.language_code) : null,
      el('span', { class: 'head-note' }, person?.note ?? ''),
      this.#badge);
    const bot = el('header', { class: 'head' },
      isColumn ? null : iconButton('back', t('back'), { class: 'head-back', onclick: onBack }),
      el('span', { class: 'avatar avatar-bot' }, icon('book')),
      el('div', { class: 'head-names' }, el('h2', {}, this.#store.bot.first_name), this.#status),
      iconButton('more', t('chat_menu'), {
        'aria-haspopup': 'menu', dataset: { testid: 'chat-menu' }, onclick: (event) => this.#openChatMenu(event.currentTarget),
      }));
    return el('div', { class: 'heads' }, who, bot);
  }

  #openChatMenu(at) {
    const { blocked } = this.#chat;
    openMenu(at, t('chat_menu'), [{
      icon: 'block', label: t(blocked ? 'unblock' : 'block'), testid: 'block', action: () => this.#actions().block(!blocked),
    }]);
  }
}
