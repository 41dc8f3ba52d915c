package main

import (
	"os"

	"tandem/config"
)

// settings are the flags of every command that reads the configuration. The
// environment is read by package config, which knows all keys.
type settings struct {
	Config    string `help:"Configuration file (TOML)." placeholder:"FILE" env:"TANDEM_CONFIG"`
	Data      string `help:"Folder for the database, mails and attachments ($$TANDEM_DATA)." placeholder:"DIR"`
	Database  string `help:"sqlite:PATH or postgres://... ($$TANDEM_DATABASE)." placeholder:"URL"`
	LogLevel  string `help:"debug, info, warn or error ($$TANDEM_LOG_LEVEL)." placeholder:"LEVEL"`
	LogFormat string `help:"text or json ($$TANDEM_LOG_FORMAT)." placeholder:"FORMAT"`
}

// load reads the configuration; more flags may be added by key.
func (s settings) load(more map[string]string) (config.Config, error) {
	flags := map[string]string{
		"data": s.Data, "database": s.Database, "log.level": s.LogLevel, "log.format": s.LogFormat,
	}
	for key, value := range more {
		flags[key] = value
	}
	c, err := config.Load(s.Config, os.LookupEnv, flags)
	c.Version = version
	return c, err
}
