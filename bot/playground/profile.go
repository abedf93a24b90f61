package playground

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
)

const maxCommands = 100

var (
	commandPattern  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	languagePattern = regexp.MustCompile(`^[a-z]{2}$`)
)

// scope is https://core.telegram.org/bots/api#botcommandscope
type scope struct {
	Type   string `json:"type"`
	ChatID any    `json:"chat_id"` // a number or a string
	UserID int64  `json:"user_id"`
}

// commandKey names a list of commands: its scope, the chat and person it is for, and its language.
func commandKey(kind string, chat, person int64, language string) string {
	return fmt.Sprintf("%s/%d/%d/%s", kind, chat, person, language)
}

// menuKey reads which list a call is about.
func (st *state) menuKey(c *call) (string, error) {
	at := scope{Type: "default"}
	if _, err := c.decode("scope", &at); err != nil {
		return "", err
	}
	language, err := readLanguage(c)
	if err != nil {
		return "", err
	}
	switch at.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return commandKey(at.Type, 0, 0, language), nil
	case "chat", "chat_administrators", "chat_member":
	default:
		return "", badRequest("can't parse BotCommandScope: Unsupported type specified")
	}
	id := ""
	switch v := at.ChatID.(type) {
	case float64:
		id = strconv.FormatInt(int64(v), 10)
	case string:
		id = v
	}
	in, err := st.find(&call{params: map[string]string{"chat_id": id}}, "chat_id")
	if err != nil {
		return "", err
	}
	if at.Type == "chat" {
		return commandKey(at.Type, in.ID, 0, language), nil
	}
	if in.Type == "private" {
		return "", badRequest("can't change commands of a member of a private chat")
	}
	if at.Type == "chat_administrators" {
		at.UserID = 0
	} else if st.people[at.UserID] == nil {
		return "", badRequest("invalid user_id specified")
	}
	return commandKey(at.Type, in.ID, at.UserID, language), nil
}

func readLanguage(c *call) (string, error) {
	language := c.text("language_code")
	if language != "" && !languagePattern.MatchString(language) {
		return "", badRequest("invalid language code specified")
	}
	return language, nil
}

func (s *Server) setMyCommands(c *call) (any, error) {
	var list []botCommand
	given, err := c.decode("commands", &list)
	switch {
	case err != nil:
		return nil, err
	case !given:
		return nil, badRequest("parameter \"commands\" is required")
	case len(list) > maxCommands:
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, command := range list {
		if !commandPattern.MatchString(command.Command) {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := utf16Len(command.Description); n < 1 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	return true, s.putMenu(c, list)
}

func (s *Server) deleteMyCommands(c *call) (any, error) { return true, s.putMenu(c, nil) }

func (s *Server) putMenu(c *call, list []botCommand) error {
	return s.change(func(t *tx) error {
		key, err := t.menuKey(c)
		if err != nil {
			return err
		}
		t.put(record{Commands: &menu{Key: key, List: list}})
		t.emit(event{"type": "commands"})
		return nil
	})
}

func (s *Server) getMyCommands(c *call) (any, error) {
	list := []botCommand{}
	err := s.read(func(st *state) error {
		key, err := st.menuKey(c)
		if found := st.commands[key]; found != nil {
			list = found
		}
		return err
	})
	return list, err
}

// menuFor is the list of commands that a person sees in a chat: of the narrowest scope that has one, in their language if it has.
// https://core.telegram.org/bots/api#determining-list-of-commands
func (st *state) menuFor(in *chat, person int64) []botCommand {
	language := ""
	if p := st.people[person]; p != nil {
		language = p.LanguageCode
	}
	type place struct {
		kind         string
		chat, person int64
	}
	order := []place{{"chat", in.ID, 0}, {"all_private_chats", 0, 0}}
	if in.Type != "private" {
		order = []place{{"chat_member", in.ID, person}}
		isCreator := len(in.Members) > 0 && in.Members[0] == person
		if isCreator {
			order = append(order, place{"chat_administrators", in.ID, 0})
		}
		order = append(order, place{"chat", in.ID, 0})
		if isCreator {
			order = append(order, place{"all_chat_administrators", 0, 0})
		}
		order = append(order, place{"all_group_chats", 0, 0})
	}
	for _, at := range append(order, place{"default", 0, 0}) {
		for _, l := range []string{language, ""} {
			if list := st.commands[commandKey(at.kind, at.chat, at.person, l)]; len(list) > 0 {
				return list
			}
		}
	}
	return []botCommand{}
}

// wording is one of the texts in which the bot describes itself.
type wording struct {
	param   string
	longest int
	field   func(*profile) *map[string]string
}

func nameWording() wording {
	return wording{"name", 64, func(p *profile) *map[string]string { return &p.Name }}
}

func descriptionWording() wording {
	return wording{"description", 512, func(p *profile) *map[string]string { return &p.Description }}
}

func shortDescriptionWording() wording {
	return wording{"short_description", 120, func(p *profile) *map[string]string { return &p.ShortDescription }}
}

func (s *Server) setWording(c *call, w wording) (any, error) {
	language, err := readLanguage(c)
	if err != nil {
		return nil, err
	}
	text := c.text(w.param)
	if utf16Len(text) > w.longest {
		return nil, badRequest("bot %s is too long", w.param)
	}
	return true, s.change(func(t *tx) error {
		next := t.profile
		field := w.field(&next)
		if *field = maps.Clone(*field); *field == nil {
			*field = map[string]string{}
		}
		if (*field)[language] = text; text == "" {
			delete(*field, language)
		}
		t.put(record{Profile: &next})
		t.emit(event{"type": "people"})
		return nil
	})
}

func (s *Server) getWording(c *call, w wording) (any, error) {
	language, err := readLanguage(c)
	if err != nil {
		return nil, err
	}
	text := ""
	err = s.read(func(st *state) error {
		text = spoken(*w.field(&st.profile), language)
		return nil
	})
	if w.param == "name" && text == "" {
		text = botName
	}
	return map[string]string{w.param: text}, err
}

// spoken is the wording for a language, else the one for all.
func spoken(texts map[string]string, language string) string {
	if text := texts[language]; text != "" {
		return text
	}
	return texts[""]
}

func (s *Server) setMyName(c *call) (any, error)        { return s.setWording(c, nameWording()) }
func (s *Server) getMyName(c *call) (any, error)        { return s.getWording(c, nameWording()) }
func (s *Server) setMyDescription(c *call) (any, error) { return s.setWording(c, descriptionWording()) }

func (s *Server) getMyDescription(c *call) (any, error) { return s.getWording(c, descriptionWording()) }

func (s *Server) setMyShortDescription(c *call) (any, error) {
	return s.setWording(c, shortDescriptionWording())
}

func (s *Server) getMyShortDescription(c *call) (any, error) {
	return s.getWording(c, shortDescriptionWording())
}
