package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"versli/bot/playground"
)

// apiSchema is the machine-readable Bot API.
type apiSchema struct {
	Methods map[string]apiMethod `json:"methods"`
	Types   map[string]apiType   `json:"types"`
}

type apiMethod struct {
	Name   string     `json:"name"`
	Fields []apiField `json:"fields"`
}

type apiType struct {
	Fields   []apiField `json:"fields"`
	Subtypes []string   `json:"subtypes"`
}

type apiField struct {
	Name     string   `json:"name"`
	Types    []string `json:"types"`
	Required bool     `json:"required"`
}

// sharedData is the folder of real data beside the project; in CI its absence is a failure.
func sharedData(t *testing.T, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("real data is missing: %v", err)
		}
		t.Skipf("no real data here: %v", err)
	}
	return path
}

func loadSchema(t *testing.T) *apiSchema {
	t.Helper()
	raw, err := os.ReadFile(sharedData(t, "telegram", "bot-api-10.1.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s apiSchema
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// call says what is wrong with a call of the bot.
func (s *apiSchema) call(c playground.Call) []string {
	m, ok := s.Methods[c.Method]
	if !ok {
		return []string{"no such method " + c.Method}
	}
	var wrong []string
	fields := map[string]apiField{}
	for _, f := range m.Fields {
		fields[f.Name] = f
		_, given := c.Params[f.Name]
		if f.Required && !given && !slices.Contains(c.Files, f.Name) {
			wrong = append(wrong, fmt.Sprintf("%s: %s is required", c.Method, f.Name))
		}
	}
	for name, value := range c.Params {
		f, ok := fields[name]
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s: no such field %s", c.Method, name))
			continue
		}
		if err := s.parameter(f.Types, value); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %s: %v", c.Method, name, err))
		}
	}
	return wrong
}

// parameter checks a form value against the types that the field may have.
func (s *apiSchema) parameter(types []string, value string) error {
	var errs []string
	for _, t := range types {
		err := s.formValue(t, value)
		if err == nil {
			return nil
		}
		errs = append(errs, err.Error())
	}
	return fmt.Errorf("%s", strings.Join(errs, "; "))
}

func (s *apiSchema) formValue(typ, value string) error {
	switch typ {
	case "String", "InputFile":
		return nil
	case "Integer":
		_, err := strconv.ParseInt(value, 10, 64)
		return err
	case "Float":
		_, err := strconv.ParseFloat(value, 64)
		return err
	case "Boolean", "True":
		_, err := strconv.ParseBool(value)
		return err
	}
	var v any
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		return fmt.Errorf("%s as JSON: %w", typ, err)
	}
	return s.value(typ, v)
}

// value checks a JSON value against one type of the API.
func (s *apiSchema) value(typ string, v any) error {
	if item, ok := strings.CutPrefix(typ, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("expected a list of %s", item)
		}
		for i, x := range list {
			if err := s.value(item, x); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	}
	switch typ {
	case "String":
		return is[string](v)
	case "Boolean", "True":
		return is[bool](v)
	case "Integer", "Float":
		return is[float64](v)
	}
	return s.object(typ, v)
}

func is[T any](v any) error {
	if _, ok := v.(T); !ok {
		return fmt.Errorf("%v is no %T", v, *new(T))
	}
	return nil
}

func (s *apiSchema) object(typ string, v any) error {
	t, ok := s.Types[typ]
	if !ok {
		return fmt.Errorf("unknown type %s", typ)
	}
	obj, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("expected an object %s", typ)
	}
	if len(t.Subtypes) > 0 {
		var errs []string
		for _, sub := range t.Subtypes {
			err := s.object(sub, v)
			if err == nil {
				return nil
			}
			errs = append(errs, err.Error())
		}
		return fmt.Errorf("no kind of %s: %s", typ, strings.Join(errs, "; "))
	}
	fields := map[string]apiField{}
	for _, f := range t.Fields {
		fields[f.Name] = f
		if _, given := obj[f.Name]; f.Required && !given {
			return fmt.Errorf("%s.%s is required", typ, f.Name)
		}
	}
	for name, x := range obj {
		f, ok := fields[name]
		if !ok {
			return fmt.Errorf("%s has no field %s", typ, name)
		}
		if !slices.ContainsFunc(f.Types, func(t string) bool { return s.value(t, x) == nil }) {
			return fmt.Errorf("%s.%s: %v is no %v", typ, name, x, f.Types)
		}
	}
	return nil
}

// validCalls fails the test for every call of the bot that the present Bot API does not know.
func (w *world) validCalls(t *testing.T) {
	t.Helper()
	schema := loadSchema(t)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) == 0 {
		t.Error("the bot made no calls")
	}
	seen := map[string]bool{}
	for _, c := range w.calls {
		for _, wrong := range schema.call(c) {
			if !seen[wrong] {
				seen[wrong] = true
				t.Error(wrong)
			}
		}
	}
}
