package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"symbolon/internal/app"
	"symbolon/internal/secret"
)

// maxSecret bounds what is read as a password.
const maxSecret = 4096

// secretFrom reads a secret from the file, from stdin when it is -, or, when no
// file is named, from the terminal, without showing it. One newline at its end
// does not belong to it.
func (s *session) secretFrom(file, question string) (secret.Bytes, error) {
	switch file {
	case "":
		return s.ask(question)
	case "-":
		return readSecret(s.stdin)
	}
	f, err := os.Open(file)
	if err != nil {
		return secret.Bytes{}, &app.Problem{Exit: app.Failed, Text: err.Error()}
	}
	defer f.Close()
	return readSecret(f)
}

func readSecret(in io.Reader) (secret.Bytes, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxSecret+1))
	if err != nil {
		return secret.Bytes{}, err
	}
	if len(data) > maxSecret {
		return secret.Bytes{}, &app.Problem{Exit: app.Usage, Text: fmt.Sprintf("the secret is longer than %d bytes", maxSecret)}
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if text == "" {
		return secret.Bytes{}, &app.Problem{Exit: app.Usage, Text: "the secret is empty"}
	}
	return secret.Text(text), nil
}

// ask reads a line from the terminal with echo off.
func (s *session) ask(question string) (secret.Bytes, error) {
	fd := int(s.stdin.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return secret.Bytes{}, &app.Problem{Exit: app.Usage, Text: "there is no terminal to ask for the secret: give it with --secret-file FILE, or - for stdin"}
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &quiet); err != nil {
		return secret.Bytes{}, err
	}
	fmt.Fprint(s.stderr, question, ": ")
	line, err := bufio.NewReader(s.stdin).ReadString('\n')
	fmt.Fprintln(s.stderr)
	err = errors.Join(err, unix.IoctlSetTermios(fd, unix.TCSETS, before))
	if err != nil {
		return secret.Bytes{}, err
	}
	return readSecret(strings.NewReader(line))
}

// terminal reports whether f is one.
func terminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
