// What the page knows, and nothing of how it looks. Views listen: "state" (bot, people, notices), "clock", "chat" (detail: {id,
// what}), "toast" (detail: {id, ...event}) and "connection".

import * as api from './api.js';
import { setZone } from './format.js';
import { Chat } from './chat-state.js';

export class Store extends EventTarget {
  bot = null;
  people = [];
  notices = [];
  clock = { now: new Date().toISOString(), shift_seconds: 0, controllable: false };
  clockReadAt = Date.now();
  connected = true;
  #chats = new Map();

  /** The chat of a person, made on first use. */
  chat(id) {
    const key = Number(id);
    if (!this.#chats.has(key)) this.#chats.set(key, new Chat(key));
    return this.#chats.get(key);
  }

  person(id) {
    return this.people.find((person) => person.id === Number(id));
  }

  /** The playground's time now: the server's, and what has passed here since. */
  now() {
    return new Date(Date.parse(this.clock.now) + Date.now() - this.clockReadAt);
  }

  /** Reads the state anew; unread counts and block marks of the chats come with it. */
  async loadState() {
    const state = await api.getState();
    this.bot = state.bot;
    this.people = state.people ?? [];
    this.notices = state.notices ?? [];
    for (const person of this.people) {
      const chat = this.chat(person.id);
      chat.setUnread(person.unread ?? 0);
      chat.blocked = Boolean(person.blocked);
      chat.started = Boolean(person.started);
    }
    this.setClock(state.clock);
    this.#emit('state');
    for (const person of this.people) this.changed(person.id, 'state');
  }

  /** Loads the newest messages of a chat, replacing what is there. */
  async loadChat(id) {
    const page = await api.getMessages(id);
    this.chat(id).replace(page);
    this.changed(id, 'messages');
  }

  /** Loads the command menu of a chat anew. */
  async loadCommands(id) {
    const page = await api.getMessages(id, { limit: 1 });
    this.chat(id).commands = page.commands ?? [];
    this.changed(id, 'commands');
  }

  /** Loads the messages before the oldest one known. */
  async loadEarlier(id) {
    const chat = this.chat(id);
    if (!chat.more || chat.loading || chat.messages.length === 0) return;
    chat.loading = true;
    try {
      chat.prepend(await api.getMessages(id, { before: chat.messages[0].message_id }));
    } finally {
      chat.loading = false;
    }
    this.changed(id, 'earlier');
  }

  /** Tells the server that a chat was read up to a message. */
  async read(id, messageId) {
    const chat = this.chat(id);
    if (chat.unread === 0 || messageId <= chat.readUpTo) return;
    chat.markRead(messageId);
    this.changed(id, 'unread');
    await api.markRead(id, messageId);
  }

  setClock(clock) {
    this.clock = clock;
    this.clockReadAt = Date.now();
    setZone(clock.zone);
    this.#emit('clock');
  }

  setConnected(connected) {
    if (this.connected === connected) return;
    this.connected = connected;
    this.#emit('connection');
  }

  /** Tells the views that a chat changed; `what` names the part. */
  changed(id, what) {
    this.#emit('chat', { id: Number(id), what });
  }

  /** Passes on the answer to a pressed button, or a sentence of the page itself ({text}). */
  toast(id, event) {
    this.#emit('toast', { ...event, id: Number(id) });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
