package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	_ "time/tzdata" // people choose time zones, and containers bring none

	"github.com/alecthomas/kong"

	"tandem/config"
	"tandem/problem"
)

// version is set by the linker; see the Makefile.
var version = "dev"

// The exit statuses.
const (
	exitFailed = 1
	exitUsage  = 2
	exitCut    = 130 // as shells report a program that was interrupted
)

type commands struct {
	Serve     serveCommand     `cmd:"" help:"Run Tandem."`
	Demo      demoCommand      `cmd:"" help:"Run Tandem with the demo organisation and a simulated Microsoft 365, on this machine only."`
	Sim       simCommand       `cmd:"" help:"Run the simulated Microsoft 365 alone."`
	Doctor    doctorCommand    `cmd:"" help:"Look for what is wrong with the installation and say what to do."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database up to this version; serve does so too."`
	Backup    backupCommand    `cmd:"" help:"Write a consistent copy of the SQLite database, also while Tandem runs."`
	SetupLink setupLinkCommand `cmd:"" help:"Print a link with which a person chooses a new password."`
	RotateKey rotateKeyCommand `cmd:"" help:"Replace the key that encrypts secrets in the database. Stop Tandem first."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
	Config    configCommand    `cmd:"" help:"Help with the configuration."`
}

// terminal is where a command writes to.
type terminal struct {
	out io.Writer // what was asked for
	err io.Writer // logs and errors
}

func main() { os.Exit(run(os.Args[1:], &terminal{os.Stdout, os.Stderr})) }

// run carries out one command line and returns the exit status.
func run(args []string, term *terminal) int {
	var cmds commands
	exited := -1 // what --help asked for
	parser, err := kong.New(&cmds,
		kong.Name("tandem"),
		kong.Description("The contact centre for organisations that live in Microsoft 365."),
		kong.Writers(term.out, term.err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Bind(term),
	)
	if err != nil {
		panic(err) // the declaration of the commands is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(term.err, "tandem: %v. See tandem --help.\n", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		return term.fail(err)
	}
	return 0
}

// fail tells the person what went wrong and returns the exit status.
func (t *terminal) fail(err error) int {
	if mistakes, ok := errors.AsType[config.Mistakes](err); ok {
		fmt.Fprintf(t.err, "tandem: the configuration is wrong:\n")
		for _, m := range mistakes {
			fmt.Fprintf(t.err, "  %s\n", m)
		}
		return exitUsage
	}
	if p := problem.As(err); p != nil {
		fmt.Fprintf(t.err, "tandem: %s\n", sentences(p))
		if p.Err != nil {
			fmt.Fprintf(t.err, "  (%v)\n", p.Err)
		}
		return exitFailed
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintf(t.err, "tandem: %v\n", err)
	}
	return exitFailed
}

// errReported ends a command that has said itself what is wrong.
var errReported = errors.New("reported")

// sentences are what happened and what to do.
func sentences(p *problem.Error) string {
	if p.Remedy == "" {
		return p.Message
	}
	return p.Message + " " + p.Remedy
}

// logger writes as the configuration says.
func (t *terminal) logger(c config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // Validate refuses others
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(t.err, options))
	}
	return slog.New(slog.NewTextHandler(t.err, options))
}

type versionCommand struct{}

func (versionCommand) Run(term *terminal) error {
	_, err := fmt.Fprintln(term.out, "tandem", version)
	return err
}

type configCommand struct {
	Sample sampleCommand `cmd:"" help:"Print a configuration file with every key, its meaning and its default."`
}

type sampleCommand struct{}

func (sampleCommand) Run(term *terminal) error {
	_, err := fmt.Fprint(term.out, config.Sample())
	return err
}
