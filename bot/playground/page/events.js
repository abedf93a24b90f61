// The stream of what happens, from the server into the store. The browser reconnects by itself and asks to go on where it was
// (Last-Event-ID); after a break the state is read anew all the same, since the server may have been another process.

export function followEvents(store, onError) {
  const source = new EventSource('/play/events');
  const guarded = (work) => Promise.resolve(work).catch(onError);
  let broken = false;

  source.onopen = () => {
    store.setConnected(true);
    if (broken) guarded(reload(store));
    broken = false;
  };
  source.onerror = () => {
    broken = true;
    store.setConnected(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(() => followEvents(store, onError), 2_000);
  };
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    const apply = HANDLERS[event.type];
    if (apply) guarded(apply(store, event));
  };
  addEventListener('pagehide', () => source.close(), { once: true });
}

const HANDLERS = {
  message: (store, { chat, message }) => {
    store.chat(chat).put(message);
    store.changed(chat, 'message');
  },
  edit: (store, { chat, message }) => {
    store.chat(chat).edit(message);
    store.changed(chat, 'edit');
  },
  delete: (store, { chat, message_id: id }) => {
    store.chat(chat).remove(id);
    store.changed(chat, 'delete');
  },
  toast: (store, event) => {
    store.chat(event.chat).answered(event.query_id);
    store.changed(event.chat, 'answered');
    store.toast(event.chat, event);
  },
  action: (store, { chat, action }) => {
    store.chat(chat).setAction(action, () => store.changed(chat, 'action'));
    store.changed(chat, 'action');
  },
  keyboard: (store, { chat, keyboard }) => {
    store.chat(chat).setKeyboard(keyboard);
    store.changed(chat, 'keyboard');
  },
  commands: (store, { chat }) => reloadCommands(store, chat),
  clock: (store, { clock }) => store.setClock(clock),
  people: (store) => store.loadState(),
  notices: (store) => store.loadState(),
  read: (store, { chat, message_id: id }) => {
    store.chat(chat).markRead(id);
    store.changed(chat, 'unread');
  },
  reset: (store) => reload(store),
};

async function reload(store) {
  const ids = loadedChats(store);
  for (const id of ids) store.chat(id).clear();
  await store.loadState();
  await Promise.all(ids.filter((id) => store.person(id)).map((id) => store.loadChat(id)));
}

/** A changed command menu may be one person's or everybody's: then no chat is named. */
async function reloadCommands(store, chat) {
  const ids = chat ? [chat] : loadedChats(store);
  await Promise.all(ids.map((id) => store.loadCommands(id)));
}

const loadedChats = (store) => store.people.map((person) => person.id).filter((id) => store.chat(id).loaded);
