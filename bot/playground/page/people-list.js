// The people to be, each with the last message of their chat.

import { avatar } from './avatar.js';
import { summary } from './bubble.js';
import { el, icon, reconcile } from './dom.js';
import { moment, shortTime } from './format.js';
import { t } from './i18n.js';
import { openPersonDialog } from './person-dialog.js';

export class PeopleList {
  #store;
  #onChoose;
  #rows = new Map();
  #selected = null;
  #list = el('nav', { class: 'people' });
  #stop = new AbortController();

  constructor(store, onChoose) {
    this.#store = store;
    this.#onChoose = onChoose;
    this.#list.setAttribute('aria-label', t('people'));
    const add = el('button', {
      type: 'button', class: 'add-person', dataset: { testid: 'add-person' },
      onclick: () => openPersonDialog(async (person) => {
        await this.#store.loadState();
        await this.#store.loadChat(person.id);
        this.#onChoose(person.id);
      }),
    }, icon('person-add'), el('span', {}, t('new_person')));
    this.element = el('aside', { class: 'side', dataset: { testid: 'people' } },
      el('header', { class: 'side-head' }, el('h1', {}, t('people')), el('p', {}, t('people_hint'))), this.#list, add);
    const { signal } = this.#stop;
    store.addEventListener('state', () => this.#show(), { signal });
    store.addEventListener('clock', () => this.#show(), { signal });
    store.addEventListener('chat', ({ detail }) => this.#showRow(detail.id), { signal });
    this.#show();
  }

  close() {
    this.#stop.abort();
  }

  select(id) {
    this.#selected = id;
    for (const person of this.#store.people) this.#showRow(person.id);
  }

  #show() {
    reconcile(this.#list, this.#store.people.map((person) => this.#row(person)));
    for (const person of this.#store.people) this.#showRow(person.id);
  }

  #row(person) {
    if (this.#rows.has(person.id)) return this.#rows.get(person.id);
    const row = el('button', {
      type: 'button', class: 'person', dataset: { person: person.id, testid: 'person' }, onclick: () => this.#onChoose(person.id),
    },
    avatar(person),
    el('span', { class: 'person-facts' },
      el('span', { class: 'person-line' },
        el('span', { class: 'person-name' }, [person.first_name, person.last_name].filter(Boolean).join(' ')),
        person.language_code ? el('span', { class: 'language-tag' }, person.language_code) : null,
        el('time', { class: 'person-time' })),
      el('span', { class: 'person-note' }, person.note ?? ''),
      el('span', { class: 'person-line' },
        el('span', { class: 'person-last' }),
        el('span', { class: 'badge', hidden: true, dataset: { testid: 'unread' } }))));
    this.#rows.set(person.id, row);
    return row;
  }

  #showRow(id) {
    const row = this.#rows.get(id);
    if (!row) return;
    const chat = this.#store.chat(id);
    const selected = this.#selected === id;
    row.classList.toggle('selected', selected);
    if (selected) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');

    const badge = row.querySelector('.badge');
    badge.hidden = chat.unread === 0;
    badge.textContent = chat.unread;
    badge.setAttribute('aria-label', t('unread_count', { n: chat.unread }));
    row.querySelector('.person-time').textContent = chat.last ? shortTime(moment(chat.last.date), this.#store.now()) : '';
    this.#showLast(row.querySelector('.person-last'), chat);
  }

  #showLast(place, chat) {
    place.classList.toggle('acting', Boolean(chat.action));
    if (chat.action) {
      place.textContent = t('typing');
      return;
    }
    if (!chat.last) {
      place.textContent = t(chat.blocked ? 'blocked' : 'no_messages');
      return;
    }
    const own = chat.last.from_bot ? [] : [el('span', { class: 'person-own' }, `${t('you')}: `)];
    place.replaceChildren(...own, summary(chat.last));
  }
}
