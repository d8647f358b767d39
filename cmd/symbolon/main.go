// Command symbolon is the server and its command line: one file a subcommand.
// It decides nothing itself. What a command changes or shows is asked of the
// running server over the socket in its data folder, or, when none runs, of the
// same code in this process (internal/app).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"symbolon/internal/app"
)

// commands is the grammar of the command line.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"run the server"`
	Demo        demoCommand        `cmd:"" help:"run a server with example users and tokens, and forget all at its end"`
	Admin       adminCommands      `cmd:"" help:"local administrators"`
	Token       tokenCommands      `cmd:"" help:"tokens"`
	Status      statusCommand      `cmd:"" help:"health of the running server"`
	Healthcheck healthcheckCommand `cmd:"" help:"exit 0 when the server answers"`
	Version     versionCommand     `cmd:"" help:"version of this program"`

	kong.Plugins // the start settings, see settingFlags
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	s := &session{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), root: os.Geteuid() == 0}
	os.Exit(int(s.run(ctx, os.Args[1:])))
}

// session is one run of the program: what a command may touch.
type session struct {
	stdin   *os.File
	stdout  *os.File
	stderr  io.Writer
	environ []string
	root    bool
	flags   map[string]string // start settings given as flags
}

// run executes a command line and returns what the program ends with.
func (s *session) run(ctx context.Context, args []string) app.Exit {
	var c commands
	flags, values := settingFlags()
	c.Plugins = kong.Plugins{flags}
	parser, err := kong.New(&c, kong.Name("symbolon"), kong.NoDefaultHelp(), kong.Writers(s.stdout, s.stderr))
	if err != nil {
		return s.fail(err)
	}
	if rest, wanted := withoutHelp(args); wanted {
		node, unknown := walk(parser.Model.Node, rest)
		if unknown != "" {
			return s.fail(noCommand(node, unknown))
		}
		printHelp(s.stdout, node)
		return app.Done
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return s.misused(parser.Model.Node, args, err)
	}
	s.flags = values()
	parsed.BindTo(ctx, (*context.Context)(nil))
	return s.fail(parsed.Run(s))
}

// misused explains a command line that cannot be parsed.
func (s *session) misused(root *kong.Node, args []string, err error) app.Exit {
	node, unknown := walk(root, args)
	switch {
	case unknown != "":
		err = noCommand(node, unknown)
	case len(node.Children) > 0 && (len(args) == 0 || !strings.HasPrefix(args[len(args)-1], "-")):
		printHelp(s.stderr, node)
		return app.Usage
	default:
		err = &app.Problem{Exit: app.Usage, Text: fmt.Sprintf("%s. See: %s --help", strings.TrimRight(err.Error(), ".?"), node.FullPath())}
	}
	return s.fail(err)
}

func noCommand(node *kong.Node, unknown string) error {
	var names []string
	for _, child := range node.Children {
		names = append(names, child.Name)
	}
	text := fmt.Sprintf("there is no command %q", unknown)
	if near := app.Nearest(unknown, names); near != "" {
		text += fmt.Sprintf("; did you mean %s %s?", node.FullPath(), near)
	} else {
		text += ". See: " + node.FullPath() + " --help"
	}
	return &app.Problem{Exit: app.Usage, Text: text}
}

// walk follows the commands in args. unknown is the first word that should be
// a command and is none.
func walk(node *kong.Node, args []string) (last *kong.Node, unknown string) {
	for i := 0; i < len(args) && len(node.Children) > 0; i++ {
		if strings.HasPrefix(args[i], "-") {
			if !strings.Contains(args[i], "=") && takesValue(node, args[i]) {
				i++
			}
			continue
		}
		at := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == args[i] })
		if at < 0 {
			return node, args[i]
		}
		node = node.Children[at]
	}
	return node, ""
}

func takesValue(node *kong.Node, flag string) bool {
	for _, group := range node.AllFlags(false) {
		for _, f := range group {
			if "--"+f.Name == flag {
				return !f.IsBool()
			}
		}
	}
	return false
}

// withoutHelp takes the wish for help out of args: a flag anywhere, or the word
// help in front.
func withoutHelp(args []string) (rest []string, wanted bool) {
	if len(args) > 0 && args[0] == "help" {
		args, wanted = args[1:], true
	}
	for i, a := range args {
		switch a {
		case "--":
			return append(rest, args[i:]...), wanted
		case "-h", "--help":
			wanted = true
		default:
			rest = append(rest, a)
		}
	}
	return rest, wanted
}

// settingFlags makes one flag of every start setting, so that the table in
// internal/app is the only list of them. values returns those that were given.
func settingFlags() (flags any, values func() map[string]string) {
	var fields []reflect.StructField
	for _, s := range app.Settings() {
		fields = append(fields, reflect.StructField{
			Name: "Setting" + strings.ReplaceAll(s.Name, "_", ""),
			Type: reflect.TypeFor[*string](),
			Tag:  reflect.StructTag(fmt.Sprintf(`name:%q help:%q hidden:""`, s.Flag(), s.Doc)),
		})
	}
	v := reflect.New(reflect.StructOf(fields))
	return v.Interface(), func() map[string]string {
		given := map[string]string{}
		for i, s := range app.Settings() {
			if p := v.Elem().Field(i).Interface().(*string); p != nil {
				given[s.Name] = *p
			}
		}
		return given
	}
}

// fail reports err and returns the exit code that belongs to it.
func (s *session) fail(err error) app.Exit {
	if err == nil {
		return app.Done
	}
	exit := app.Failed
	var p *app.Problem
	switch {
	case errors.As(err, &p):
		exit = p.Exit
	case errors.Is(err, app.ErrConfig):
		exit = app.Usage
	case errors.Is(err, context.Canceled):
		exit = app.Interrupted
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(s.stderr, "symbolon:", text)
	}
	return exit
}

// config reads the start settings.
func (s *session) config() (app.Config, error) {
	return app.Load(app.Sources{Flags: s.flags, Environ: s.environ, Root: s.root})
}

// log is what the server and everything it is made of writes to.
func (s *session) log(cfg app.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.Log}
	if cfg.LogJSON {
		return slog.New(slog.NewJSONHandler(s.stderr, options))
	}
	return slog.New(slog.NewTextHandler(s.stderr, options))
}

// connect returns a client of the server, or of this process when none runs. It
// says which, unless quiet. creates says that the command may be the first one in
// its data folder.
func (s *session) connect(ctx context.Context, quiet, creates bool) (app.Client, error) {
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	c, how, err := app.Connect(ctx, cfg, s.log(cfg), creates)
	if err == nil && !quiet {
		fmt.Fprintln(s.stderr, how)
	}
	return c, err
}
