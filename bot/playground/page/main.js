// The page's start: words, then state, then views, then the stream of events.

import { followEvents } from './events.js';
import { loadWords, t } from './i18n.js';
import { Shell } from './shell.js';
import { Store } from './store.js';

const PREVIEWED_CHATS = 40;

const store = new Store();
await loadWords();
const shell = new Shell(store, document.getElementById('app'));
const report = (error) => shell.say(error.message || t('failed'));

// The stream opens first: what happens while the state is being read is then not missed.
followEvents(store, report);
try {
  await store.loadState();
} catch (error) {
  report(error);
}
await Promise.allSettled(store.people.slice(0, PREVIEWED_CHATS).map((person) => store.loadChat(person.id)));
