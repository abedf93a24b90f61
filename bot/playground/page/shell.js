// The window: the bar with the clock, the notices, and below them either the list of people with one chat, or all chats in columns.
// What is shown stands in the address (#/chat/ID, #/all, or nothing), so that the browser's back button works.

import { ChatView } from './chat.js';
import { el, reconcile } from './dom.js';
import { t } from './i18n.js';
import { noticeList } from './notices.js';
import { PeopleList } from './people-list.js';
import { Toasts } from './toasts.js';
import { TopBar } from './top-bar.js';

const narrow = matchMedia('(max-width: 759px)');

export class Shell {
  #store;
  #root;
  #bar;
  #list;
  #notices = el('div', { class: 'notices' });
  #offline = el('div', { class: 'offline', role: 'status', hidden: true });
  #main = el('main', { class: 'main' });
  #toasts = new Toasts();
  #views = new Map();

  constructor(store, root) {
    this.#store = store;
    this.#root = root;
    this.#toasts.element.classList.add('page-toasts');
    this.#rebuild();
    store.addEventListener('state', () => this.#show());
    store.addEventListener('connection', () => this.#showConnection());
    addEventListener('hashchange', () => this.#show());
    narrow.addEventListener('change', () => this.#show());
  }

  /** Shows a sentence of the page itself. */
  say(text) {
    this.#toasts.show(text);
  }

  /** Builds everything anew: at the start, and when the language changes. Drafts are kept by the chats. */
  #rebuild() {
    this.#closeViews();
    this.#bar?.close();
    this.#list?.close();
    this.#bar = new TopBar(this.#store, {
      onLanguage: () => this.#rebuild(), onView: (all) => this.#go(all ? '#/all' : ''), onError: (error) => this.say(error.message),
    });
    this.#list = new PeopleList(this.#store, (id) => this.#go(`#/chat/${id}`));
    this.#offline.textContent = t('connection_lost');
    this.#root.replaceChildren(this.#bar.element, this.#offline, this.#notices, this.#main, this.#toasts.element);
    this.#show();
  }

  #show() {
    const { people, bot, notices } = this.#store;
    if (!bot) return;
    reconcile(this.#notices, noticeList(notices));
    const route = this.#route();
    const ids = route.all ? people.map((person) => person.id) : [route.chat].filter(Boolean);
    const key = (id) => `${route.all} ${id}`;
    this.#closeViews(new Set(ids.map(key)));
    const opened = [];
    for (const id of ids) {
      if (this.#views.has(key(id))) continue;
      const view = new ChatView(this.#store, id, { isColumn: route.all, onBack: () => this.#go('') });
      this.#views.set(key(id), view);
      opened.push(view);
    }
    this.#root.dataset.view = route.all ? 'all' : route.chat && narrow.matches ? 'chat' : 'one';
    const chats = ids.map((id) => this.#views.get(key(id)).element);
    const listed = !route.all && !(route.chat && narrow.matches);
    reconcile(this.#main, listed ? [this.#list.element, ...chats] : chats);
    this.#list.select(route.chat);
    this.#bar.showView(route.all);
    for (const view of opened) view.opened();
    if (opened.length === 1 && !route.all) opened[0].focus();
  }

  /** What the address asks for. A wide window always has a chat open; a narrow one shows the list first, and no columns. */
  #route() {
    const [, kind, id] = location.hash.split('/');
    const known = this.#store.person(id);
    if (kind === 'all' && !narrow.matches) return { all: true, chat: null };
    if (kind === 'chat' && known) return { all: false, chat: known.id };
    return { all: false, chat: narrow.matches ? null : this.#store.people[0]?.id ?? null };
  }

  #go(hash) {
    if (location.hash === hash) this.#show();
    else if (hash === '') {
      history.pushState(null, '', location.pathname + location.search);
      this.#show();
    } else location.hash = hash;
  }

  #closeViews(keep = new Set()) {
    for (const [key, view] of this.#views) {
      if (keep.has(key)) continue;
      view.close();
      view.element.remove();
      this.#views.delete(key);
    }
  }

  #showConnection() {
    this.#offline.hidden = this.#store.connected;
  }
}
