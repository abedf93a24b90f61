package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// MenuCommand is one line of the command menu.
type MenuCommand struct {
	Command     string `json:"command"` // without slash
	Description string `json:"description"`
}

// SetCommands sets the command menu of a chat (0: of all private chats) for a language ("": for all without one of their
// own). What is set already is left as it is.
func (c *Client) SetCommands(ctx context.Context, scopeChat int64, lang string, commands []MenuCommand) error {
	scope := `{"type":"all_private_chats"}`
	if scopeChat != 0 {
		scope = fmt.Sprintf(`{"type":"chat","chat_id":%d}`, scopeChat)
	}
	where := tgbotapi.Params{"scope": scope}
	if lang != "" {
		where["language_code"] = lang
	}
	var have []MenuCommand
	if err := c.ask(ctx, "getMyCommands", where, &have); err != nil {
		return err
	}
	if slices.Equal(have, commands) {
		return nil
	}
	list, err := json.Marshal(commands)
	if err != nil {
		return fmt.Errorf("encode commands: %w", err)
	}
	where["commands"] = string(list)
	return c.ask(ctx, "setMyCommands", where, nil)
}

// Profile is what people see of the bot before they talk to it.
type Profile struct {
	Name        string // at most 64 characters
	Description string // before they start it; at most 512
	Short       string // on its page and in links; at most 120
}

// SetProfile sets it for a language ("": for all without one of their own). What is set already is left as it is.
func (c *Client) SetProfile(ctx context.Context, lang string, p Profile) error {
	for _, d := range []struct{ get, set, field, text string }{
		{"getMyName", "setMyName", "name", shorten(p.Name, 64)},
		{"getMyDescription", "setMyDescription", "description", shorten(p.Description, 512)},
		{"getMyShortDescription", "setMyShortDescription", "short_description", shorten(p.Short, 120)},
	} {
		where := tgbotapi.Params{}
		if lang != "" {
			where["language_code"] = lang
		}
		var have map[string]string
		if err := c.ask(ctx, d.get, where, &have); err != nil {
			return err
		}
		if have[d.field] == d.text {
			continue
		}
		where[d.field] = d.text
		if err := c.ask(ctx, d.set, where, nil); err != nil {
			return err
		}
	}
	return nil
}

// ask makes a call that sends no message, and decodes its answer into out (nil to ignore it).
func (c *Client) ask(ctx context.Context, method string, params tgbotapi.Params, out any) error {
	raw, err := c.retry(ctx, PriorityNotice, 0, outgoing{method: method, params: params})
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("decode %s: %w", method, err)
	}
	return nil
}
