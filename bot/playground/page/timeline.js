// The list of a chat's messages: days, groups, the unread separator, and where the list is scrolled to.

import { messageRow } from './bubble.js';
import { el, icon, reconcile } from './dom.js';
import { dayKey, dayName, moment } from './format.js';
import { language, t } from './i18n.js';
import { showWaiting } from './inline-keyboard.js';

const GROUP_WITHIN_SECONDS = 600;
const NEAR_END = 80;
const NEAR_START = 300;

export class Timeline {
  #store;
  #chat;
  #context;
  #list;
  #jump;
  #rows = new Map();
  #days = new Map();
  #separator;
  #pinned = true;
  #resized;

  /** `onScroll` is called whenever other messages may have come into view. */
  constructor(store, chat, actions, onScroll) {
    this.#store = store;
    this.#chat = chat;
    this.#context = { chat, bot: store.bot, actions };
    const name = store.person(chat.id)?.first_name ?? '';
    this.#list = el('div', {
      class: 'timeline', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', tabindex: '0',
      'aria-label': t('message_history', { name }), dataset: { testid: 'timeline' },
      onscroll: () => {
        this.#scrolled();
        onScroll();
      },
    });
    this.#jump = el('button', {
      type: 'button', class: 'jump', 'aria-label': t('to_bottom'), title: t('to_bottom'), hidden: true, onclick: () => this.toEnd(true),
    }, icon('chevron-down'), el('span', { class: 'badge', hidden: true }));
    this.#separator = el('div', { class: 'unread-separator' }, el('span', {}, t('unread_messages')));
    this.element = el('div', { class: 'timeline-frame' }, this.#list, this.#jump);
    this.#resized = new ResizeObserver(() => {
      if (this.#pinned) this.toEnd();
    });
    this.#resized.observe(this.#list);
  }

  close() {
    this.#resized.disconnect();
    this.#chat.scrollTop = this.#pinned ? null : this.#list.scrollTop;
  }

  /** Shows the chat as it is now. `what` changed; new messages scroll the list when its end was in view, one's own always. */
  update(what) {
    if (what === 'answered') {
      showWaiting(this.#list, this.#chat);
      return;
    }
    const fromEnd = this.#list.scrollHeight - this.#list.scrollTop;
    this.#render();
    if (what === 'earlier') this.#list.scrollTop = this.#list.scrollHeight - fromEnd;
    else if (this.#pinned || (what === 'message' && !this.#chat.last?.from_bot)) this.toEnd(what === 'message');
    this.#showJump();
  }

  /** Scrolls to where the chat was left, to the first unread message, or to the end. */
  restore() {
    this.#render();
    if (this.#separator.isConnected) {
      this.#list.scrollTop = this.#separator.offsetTop - 60;
      this.#scrolled();
    } else if (this.#chat.scrollTop === null) {
      this.toEnd();
    } else {
      this.#list.scrollTop = this.#chat.scrollTop;
      this.#scrolled();
    }
  }

  toEnd(smooth = false) {
    this.#pinned = true;
    const gentle = smooth && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#list.scrollTo({ top: this.#list.scrollHeight, behavior: gentle ? 'smooth' : 'instant' });
    this.#showJump();
  }

  /** Brings a message into view and lights it up. */
  goTo(id) {
    const row = this.#rows.get(id)?.node;
    if (!row) return;
    row.scrollIntoView({ block: 'center', behavior: 'smooth' });
    row.classList.remove('lit');
    requestAnimationFrame(() => row.classList.add('lit'));
  }

  /** The id of the last message that is in view, or 0. */
  lastSeen() {
    const end = this.#list.getBoundingClientRect().bottom + 24;
    for (const message of this.#chat.messages.toReversed()) {
      const box = this.#rows.get(message.message_id)?.node.getBoundingClientRect();
      if (box && box.height > 0 && (box.bottom <= end || box.top < end - 120)) return message.message_id;
    }
    return 0;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    this.#pinned = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (scrollTop < NEAR_START && this.#chat.more) this.#context.actions.loadEarlier();
    this.#showJump();
  }

  #showJump() {
    this.#jump.hidden = this.#pinned;
    const badge = this.#jump.querySelector('.badge');
    badge.hidden = this.#chat.unread === 0;
    badge.textContent = this.#chat.unread;
  }

  #render() {
    const now = this.#store.now();
    const focus = focusedButton(this.#list);
    const days = new Map();
    let previous = null;
    for (const message of this.#chat.messages) {
      const key = dayKey(moment(message.date));
      const isFirstUnread = message.message_id === this.#chat.separatorBefore;
      if (!days.has(key)) days.set(key, []);
      const row = this.#row(message);
      const joins = previous && days.get(key).length > 0 && !isFirstUnread && sameGroup(previous.message, message);
      row.classList.toggle('first', !joins);
      row.classList.add('last');
      if (joins) previous.row.classList.remove('last');
      if (isFirstUnread) days.get(key).push(this.#separator);
      days.get(key).push(row);
      previous = { message, row };
    }
    reconcile(this.#list, [...days].map(([key, rows]) => this.#day(key, rows, now)));
    this.#forget(days);
    showWaiting(this.#list, this.#chat);
    focus?.restore();
  }

  /** The row of a message is built anew only when the message, or the language of its marks, is another. */
  #row(message) {
    const known = this.#rows.get(message.message_id);
    if (known?.message === message && known.language === language()) return known.node;
    const node = messageRow(message, this.#context);
    if (!known && this.#list.isConnected && this.#chat.last === message) node.classList.add('new');
    this.#rows.set(message.message_id, { message, node, language: language() });
    return node;
  }

  #day(key, rows, now) {
    const date = moment(this.#chat.message(Number(rows.at(-1).dataset.messageId)).date);
    if (!this.#days.has(key)) {
      this.#days.set(key, el('section', { class: 'day' }, el('div', { class: 'day-name' }, el('span'))));
    }
    const day = this.#days.get(key);
    const name = dayName(date, now);
    const label = day.firstChild.firstChild;
    if (label.textContent !== name) label.textContent = name;
    reconcile(day, [day.firstChild, ...rows]);
    return day;
  }

  #forget(days) {
    const ids = new Set(this.#chat.messages.map((message) => message.message_id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
    for (const key of this.#days.keys()) if (!days.has(key)) this.#days.delete(key);
  }
}

function sameGroup(before, message) {
  return before.from_bot === message.from_bot && (moment(message.date) - moment(before.date)) / 1000 < GROUP_WITHIN_SECONDS;
}

/** The bot often edits the message whose button was pressed: the focus goes to the button in the same place of the new one. */
function focusedButton(list) {
  const button = document.activeElement;
  const row = button?.closest?.('[data-message-id]');
  if (!row || !list.contains(row)) return null;
  const index = [...row.querySelectorAll('button, a')].indexOf(button);
  const id = row.dataset.messageId;
  return {
    restore: () => {
      if (document.activeElement === button) return;
      const controls = list.querySelectorAll(`[data-message-id="${id}"] :is(button, a)`);
      controls[Math.min(index, controls.length - 1)]?.focus({ preventScroll: true });
    },
  };
}
