package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Mistake is one thing that is wrong with the configuration.
type Mistake struct {
	Key    string // "log.level"; empty when the whole file is at fault
	Source string // where the value came from: the file's name, the environment variable or the flag
	What   string // what is wrong, as a sentence
	Remedy string // what to do, as a sentence
}

// Mistakes is the error that Load returns: everything that is wrong.
type Mistakes []Mistake

// Error lists the mistakes, one a line.
func (m Mistakes) Error() string {
	var b strings.Builder
	for i, one := range m {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(one.String())
	}
	return b.String()
}

// String is the mistake as a line for people.
func (m Mistake) String() string {
	where := m.Key
	switch {
	case where == "":
		where = m.Source
	case m.Source != "":
		where += " (" + m.Source + ")"
	}
	return where + ": " + m.What + " " + m.Remedy
}

// Load reads the configuration: Default, then the file when its name is not
// empty, then the environment, then the flags, which are given by key. The
// error is of type Mistakes.
func Load(file string, getenv func(string) (string, bool), flags map[string]string) (Config, error) {
	c := Default()
	l := loader{settings: c.settings(), sources: make(map[string]string)}
	if file != "" {
		l.readFile(file)
	}
	l.readEnv(getenv)
	l.readFlags(flags)
	l.readSecretFiles()
	c.tidy()
	for _, m := range c.Validate() {
		m.Source = l.sources[m.Key]
		l.mistakes = append(l.mistakes, m)
	}
	if len(l.mistakes) > 0 {
		return c, l.mistakes
	}
	return c, nil
}

type loader struct {
	settings []setting
	sources  map[string]string // where each key's value came from
	mistakes Mistakes
}

func (l *loader) mistake(key, source, what, remedy string) {
	l.mistakes = append(l.mistakes, Mistake{key, source, what, remedy})
}

func (l *loader) readFile(name string) {
	text, err := os.ReadFile(name)
	if err != nil {
		l.mistake("", name, "The file cannot be read: "+reason(err)+".", "Check the name and the permissions.")
		return
	}
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		where := ""
		if syntax, ok := errors.AsType[*toml.DecodeError](err); ok {
			row, _ := syntax.Position()
			where = fmt.Sprintf(" at line %d", row)
		}
		l.mistake("", name, "This is not TOML"+where+": "+strings.TrimPrefix(err.Error(), "toml: ")+".",
			"See tandem config sample for how it is written.")
		return
	}
	l.readTree(name, "", tree)
}

// readTree takes over one table of the file.
func (l *loader) readTree(file, section string, tree map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		key := name
		if section != "" {
			key = section + "." + name
		}
		if table, ok := tree[name].(map[string]any); ok && section == "" && l.hasSection(name) {
			l.readTree(file, name, table)
			continue
		}
		s, ok := l.find(key)
		if !ok {
			l.mistake(key, file, "There is no such key.", "Remove it, or choose from: "+l.names(section)+".")
			continue
		}
		if !assign(s.field, tree[name]) {
			l.mistake(key, file, "This must be "+describe(s.field.Kind())+".", "See tandem config sample for how it is written.")
			continue
		}
		l.sources[key] = file
	}
}

// readEnv takes over the variables of known keys. Others that begin with
// TANDEM_ are left alone: Kubernetes makes TANDEM_PORT and the like for a
// service of that name.
func (l *loader) readEnv(getenv func(string) (string, bool)) {
	for _, s := range l.settings {
		if text, ok := getenv(s.Env()); ok && text != "" {
			l.readText(s, text, s.Env())
		}
	}
}

func (l *loader) readFlags(flags map[string]string) {
	for _, s := range l.settings {
		if text, ok := flags[s.Key()]; ok && text != "" {
			l.readText(s, text, "--"+strings.NewReplacer(".", "-", "_", "-").Replace(s.Key()))
		}
	}
}

func (l *loader) readText(s setting, text, source string) {
	if !assignText(s.field, text) {
		l.mistake(s.Key(), source, "This must be "+describe(s.field.Kind())+".", "Correct the value.")
		return
	}
	l.sources[s.Key()] = source
}

// readSecretFiles fills each key X from the file that X_file names.
func (l *loader) readSecretFiles() {
	for _, s := range l.settings {
		file, isFile := strings.CutSuffix(s.Key(), "_file")
		target, ok := l.find(file)
		if !isFile || !ok || s.field.String() == "" {
			continue
		}
		source := l.sources[s.Key()]
		if l.sources[target.Key()] != "" {
			l.mistake(s.Key(), source, "Both "+target.Key()+" and "+s.Key()+" are given.", "Remove one of them.")
			continue
		}
		text, err := os.ReadFile(s.field.String())
		if err != nil {
			l.mistake(s.Key(), source, "The file cannot be read: "+reason(err)+".", "Check the name and the permissions.")
			continue
		}
		target.field.SetString(strings.TrimSpace(string(text)))
		l.sources[target.Key()] = s.field.String()
	}
}

func (l *loader) find(key string) (setting, bool) {
	i := slices.IndexFunc(l.settings, func(s setting) bool { return s.Key() == key })
	if i < 0 {
		return setting{}, false
	}
	return l.settings[i], true
}

func (l *loader) hasSection(name string) bool {
	return slices.ContainsFunc(l.settings, func(s setting) bool { return s.section == name })
}

// names lists what may stand in a section of the file.
func (l *loader) names(section string) string {
	var names []string
	for _, s := range l.settings {
		switch {
		case s.section == section:
			names = append(names, s.name)
		case section == "" && !slices.Contains(names, "["+s.section+"]"):
			names = append(names, "["+s.section+"]")
		}
	}
	return strings.Join(names, ", ")
}

// assign sets a field to a value of the file, if that is of its kind.
func assign(field reflect.Value, value any) bool {
	switch value := value.(type) {
	case string:
		if field.Kind() == reflect.String {
			field.SetString(value)
			return true
		}
	case bool:
		if field.Kind() == reflect.Bool {
			field.SetBool(value)
			return true
		}
	case int64:
		if field.Kind() == reflect.Int {
			field.SetInt(value)
			return true
		}
	case []any:
		return field.Kind() == reflect.Slice && assignList(field, value)
	}
	return false
}

func assignList(field reflect.Value, list []any) bool {
	texts := make([]string, 0, len(list))
	for _, one := range list {
		text, ok := one.(string)
		if !ok {
			return false
		}
		texts = append(texts, text)
	}
	field.Set(reflect.ValueOf(texts))
	return true
}

// assignText sets a field to the text of a variable or flag, if it can be read as its kind.
func assignText(field reflect.Value, text string) bool {
	switch field.Kind() {
	case reflect.Bool:
		on, err := strconv.ParseBool(text)
		if err != nil {
			return false
		}
		field.SetBool(on)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return false
		}
		field.SetInt(int64(n))
	case reflect.Slice:
		list := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		field.Set(reflect.ValueOf(list))
	default:
		field.SetString(text)
	}
	return true
}

func describe(kind reflect.Kind) string {
	switch kind {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "a list of texts"
	default:
		return "a text"
	}
}

// reason is the error of the operating system without the file's name.
func reason(err error) string {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return pathErr.Err.Error()
	}
	return err.Error()
}
