package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
)

// Handler answers a request: values in, values out.
type Handler func(context.Context, Request) (Reply, error)

// Command is one thing that can be asked for by /name. Help and the menus
// derive from the list of commands.
type Command struct {
	Name    string              // of the menu: a-z, 0-9, _
	Aliases map[string][]string // by language
	Role    Role                // the least that may
	Help    string              // key of its one-line description
	Group   bool                // may be asked for in a group, where all read the answer
	Hidden  bool                // not in menus, but in /help
	View    bool                // shows, and changes nothing: asked for during an outage, it need not be answered after it
	Handler Handler
}

// Action is what a button asks for.
type Action struct {
	Name    string
	Role    Role
	Group   bool // may be pressed in a group
	View    bool // shows, and changes nothing, as a Command's
	Handler Handler
}

// Dialogue takes what a person types or sends while they are in it.
type Dialogue struct {
	Name    string
	Version int
	Role    Role
	Handler Handler
}

// Deeplink opens something by t.me/BOT?start=PREFIX…; the handler sees the rest
// of the payload as Request.Text.
type Deeplink struct {
	Prefix  string
	Role    Role
	Handler Handler
}

// Actors tells who a person is to us, from the server's state.
type Actors interface {
	Actor(ctx context.Context, r Request) (Actor, error)
}

// Dialogues keeps dialogue states by chat. Load gives the state as it was
// before the update, so that an update worked on twice starts from the same state.
type Dialogues interface {
	Load(ctx context.Context, chat, update int64) ([]byte, error)
	Save(ctx context.Context, chat, update int64, state []byte) error
}

// Fallbacks answer what no registration takes.
type Fallbacks struct {
	Text     Handler // typed text outside a dialogue: a search
	Location Handler
	File     Handler
	Other    Handler // a sticker, a voice message
	Presence Handler // blocked, returned, migrated
	// Failed makes the answer to a handler's error, or to a refusal of the
	// router. incident names the log line of what is no domain failure, else "".
	Failed func(ctx context.Context, r Request, err error, incident string) Reply
	// Late says in one message that the bot was away, before a view that was asked for meanwhile; nil says nothing.
	Late func(Request) Message
	// Known tells whether a handler's error is a domain failure, which is answered and not logged.
	Known func(error) bool
}

// Router finds who answers a request: recover, log, language, role, then one handler.
type Router struct {
	actors    Actors
	dialogues Dialogues
	fallbacks Fallbacks
	log       *slog.Logger

	commands  []Command
	byName    map[string]int
	actions   map[string]Action
	talks     map[string]Dialogue
	deeplinks []Deeplink
	phrases   map[string]string // typed text, lower case -> command name
}

// NewRouter makes an empty router.
func NewRouter(actors Actors, dialogues Dialogues, log *slog.Logger) *Router {
	return &Router{
		actors: actors, dialogues: dialogues, log: log,
		byName: map[string]int{}, actions: map[string]Action{}, talks: map[string]Dialogue{}, phrases: map[string]string{},
	}
}

// Command registers commands. Twice the same name or alias is a bug, and a panic at start; an
// alias may be shared between languages by one command.
func (r *Router) Command(list ...Command) {
	for _, c := range list {
		i := len(r.commands)
		names := map[string]bool{c.Name: true}
		for _, aliases := range c.Aliases {
			for _, a := range aliases {
				names[a] = true
			}
		}
		for name := range names {
			if _, taken := r.byName[name]; taken {
				panic(fmt.Sprintf("command /%s is registered twice", name))
			}
			r.byName[name] = i
		}
		r.commands = append(r.commands, c)
	}
}

// Action registers actions of buttons.
func (r *Router) Action(list ...Action) {
	for _, a := range list {
		if _, taken := r.actions[a.Name]; taken {
			panic(fmt.Sprintf("action %q is registered twice", a.Name))
		}
		r.actions[a.Name] = a
	}
}

// Dialogue registers dialogues.
func (r *Router) Dialogue(list ...Dialogue) {
	for _, d := range list {
		if _, taken := r.talks[d.Name]; taken {
			panic(fmt.Sprintf("dialogue %q is registered twice", d.Name))
		}
		r.talks[d.Name] = d
	}
}

// Deeplink registers payloads of /start.
func (r *Router) Deeplink(list ...Deeplink) {
	for _, d := range list {
		for _, other := range r.deeplinks {
			if strings.HasPrefix(d.Prefix, other.Prefix) || strings.HasPrefix(other.Prefix, d.Prefix) {
				panic(fmt.Sprintf("deep link %q hides %q", d.Prefix, other.Prefix))
			}
		}
		r.deeplinks = append(r.deeplinks, d)
	}
}

// Phrase makes typed text, such as a key of a Menu, ask for a command. The same
// text may be registered again for the same command (languages may agree).
func (r *Router) Phrase(text, command string) {
	text = strings.ToLower(text)
	if had, taken := r.phrases[text]; taken && had != command {
		panic(fmt.Sprintf("phrase %q asks for both /%s and /%s", text, had, command))
	}
	r.phrases[text] = command
}

// Otherwise sets the fallbacks.
func (r *Router) Otherwise(f Fallbacks) { r.fallbacks = f }

// Commands lists what a role may ask for, in the order of registration.
func (r *Router) Commands(role Role) []Command {
	return slices.DeleteFunc(slices.Clone(r.commands), func(c Command) bool { return c.Role > role })
}

// Actions lists the names of all actions, sorted.
func (r *Router) Actions() []string { return slices.Sorted(maps.Keys(r.actions)) }

// Views lists the names of the actions that change nothing, sorted.
func (r *Router) Views() []string {
	return slices.DeleteFunc(r.Actions(), func(name string) bool { return !r.actions[name].View })
}

// route is the handler that takes a request, and what it needs.
type route struct {
	name    string
	role    Role
	group   bool
	view    bool // nothing is lost when it is not answered
	handler Handler
	leaves  bool // a dialogue does not outlive it
}

// Handle answers one request. It never panics; an error means that nothing
// could be decided (the state is away) and that the reply says so.
func (r *Router) Handle(ctx context.Context, req Request) (reply Reply, err error) {
	name := "?"
	defer func() {
		if p := recover(); p != nil {
			reply, err = r.failed(ctx, req, name, panicError{p, debug.Stack()})
		}
	}()
	if req.Actor, err = r.actors.Actor(ctx, req); err != nil {
		return r.failed(ctx, req, "actor", err)
	}
	if req.State, err = r.load(ctx, req); err != nil {
		return r.failed(ctx, req, "dialogue", err)
	}
	to, err := r.find(&req)
	if err == nil {
		name = to.name
		err = permit(req, to)
	}
	if err != nil {
		return r.refused(ctx, req, name, err)
	}
	leaves := to.leaves && req.State != nil
	if to.handler == nil || to.view && req.Late && req.Superseded {
		if err := r.save(ctx, req, Reply{}, leaves); err != nil {
			return r.failed(ctx, req, name, err)
		}
		return Reply{}, nil
	}
	if leaves {
		req.State = nil
	}
	reply, err = to.handler(ctx, req)
	if err != nil {
		return r.failed(ctx, req, name, err)
	}
	if err := r.save(ctx, req, reply, leaves); err != nil {
		return r.failed(ctx, req, name, err)
	}
	reply.Viewed = to.view
	if to.view && req.Late && len(reply.Messages) > 0 && r.fallbacks.Late != nil {
		reply.Messages = append([]Message{r.fallbacks.Late(req)}, reply.Messages...)
	}
	r.log.DebugContext(ctx, "answered", "update", req.Update, "route", name)
	return reply, nil
}

func permit(req Request, to route) error {
	if !req.Private && !to.group {
		return ErrPrivateOnly
	}
	switch {
	case req.Actor.Role >= to.role:
		return nil
	case to.role <= Member:
		return ErrNotMember
	}
	return ErrForbidden
}

// refused answers what nobody may or can take. A command leaves the dialogue
// even then: whoever types one no longer answers its question.
func (r *Router) refused(ctx context.Context, req Request, name string, err error) (Reply, error) {
	if req.Kind == KindCommand && req.State != nil {
		if saveErr := r.save(ctx, req, Reply{Done: true}, true); saveErr != nil {
			return r.failed(ctx, req, name, saveErr)
		}
	}
	return r.failed(ctx, req, name, err)
}

// failed turns an error into an answer. What is no domain failure is logged
// here, once, under an incident that the person is shown.
func (r *Router) failed(ctx context.Context, req Request, name string, err error) (Reply, error) {
	incident := ""
	if !refusal(err) && (r.fallbacks.Known == nil || !r.fallbacks.Known(err)) {
		incident = req.Key()
		line := []any{"incident", incident, "route", name, "error", err}
		if b, ok := errors.AsType[panicError](err); ok {
			line = append(line, "stack", string(b.stack))
		}
		r.log.ErrorContext(ctx, "request failed", line...)
	}
	if req.Actor.Language == "" {
		req.Actor.Language = req.From.Language
	}
	if r.fallbacks.Failed == nil {
		return Reply{}, err
	}
	reply := r.fallbacks.Failed(ctx, req, err, incident)
	reply.Incident = incident
	return reply, nil
}

// panicError is a handler's panic, and where it was.
type panicError struct {
	value any
	stack []byte
}

func (b panicError) Error() string { return fmt.Sprintf("panic: %v", b.value) }

// refusal tells whether an error is the router's own no, which needs no log line.
func refusal(err error) bool {
	for _, no := range []error{ErrForbidden, ErrNotMember, ErrUnknown, ErrPrivateOnly, ErrBadData} {
		if errors.Is(err, no) {
			return true
		}
	}
	return false
}

// quiet answers nothing: what is said in a group between people is not ours.
func quiet(name string) route {
	return route{name: name, group: true}
}

func (r *Router) find(req *Request) (route, error) {
	switch req.Kind {
	case KindCommand:
		return r.findCommand(req)
	case KindPress:
		a, ok := r.actions[req.Action]
		if !ok {
			return route{}, ErrUnknown
		}
		return route{name: "press " + a.Name, role: a.Role, group: a.Group, view: a.View, handler: a.Handler}, nil
	case KindBlocked, KindReturned, KindMigrated:
		return route{name: "presence", group: true, handler: r.fallbacks.Presence}, nil
	case KindText, KindLocation, KindFile, KindOther:
	}
	if !req.Private {
		return quiet("group talk"), nil
	}
	if req.Kind == KindText {
		if c, ok := r.phrases[strings.ToLower(strings.TrimSpace(req.Text))]; ok {
			req.Kind, req.Command, req.Text = KindCommand, c, ""
			return r.findCommand(req)
		}
	}
	if req.State != nil && !req.Live {
		d := r.talks[req.State.Dialogue]
		return route{name: "dialogue " + d.Name, role: d.Role, handler: d.Handler}, nil
	}
	return r.fallback(req.Kind), nil
}

func (r *Router) findCommand(req *Request) (route, error) {
	if req.Command == "start" && req.Text != "" {
		for _, d := range r.deeplinks {
			if rest, ok := strings.CutPrefix(req.Text, d.Prefix); ok {
				req.Text = rest
				return route{name: "start " + d.Prefix, role: d.Role, handler: d.Handler, leaves: true}, nil
			}
		}
	}
	i, ok := r.byName[req.Command]
	switch {
	case ok:
		c := r.commands[i]
		return route{name: "/" + c.Name, role: c.Role, group: c.Group, view: c.View, handler: c.Handler, leaves: true}, nil
	case !req.Private && !req.Addressed:
		return quiet("another bot's command"), nil
	}
	return route{}, ErrUnknown
}

func (r *Router) fallback(k Kind) route {
	switch k {
	case KindText:
		return route{name: "text", view: true, handler: r.fallbacks.Text}
	case KindLocation:
		return route{name: "location", view: true, handler: r.fallbacks.Location}
	case KindFile:
		return route{name: "file", handler: r.fallbacks.File}
	case KindCommand, KindPress, KindOther, KindBlocked, KindReturned, KindMigrated:
	}
	return route{name: "other", handler: r.fallbacks.Other}
}
