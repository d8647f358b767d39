package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"symbolon/internal/audit"
)

// head is the end of a node's chain of audit records. Signed heads will be
// written where saveHead is called: once for a group, not for each record.
type head struct {
	number int64
	hash   []byte
}

// queryer is a connection or a transaction.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// loadHead returns where the node's chain ends. A chain whose last rows are
// missing goes on after them, so that the gap stays visible.
func loadHead(ctx context.Context, q queryer, node string) (head, error) {
	var h head
	err := q.QueryRowContext(ctx, "SELECT number, hash FROM audit_head WHERE node = ?", node).Scan(&h.number, &h.hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = q.QueryRowContext(ctx, "SELECT number, hash FROM audit WHERE node = ? ORDER BY number DESC LIMIT 1", node).
			Scan(&h.number, &h.hash)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, nil
	}
	return h, err
}

func saveHead(ctx context.Context, w *writer, node string, h head) error {
	_, err := w.exec(ctx, `INSERT INTO audit_head (node, number, hash) VALUES (?, ?, ?)
		ON CONFLICT (node) DO UPDATE SET number = excluded.number, hash = excluded.hash`, node, h.number, h.hash)
	return err
}

// row is an audit record as its columns hold it, in the order of the table.
type row struct {
	written, number, success, conflicts                 int64
	started, ended                                      sql.NullInt64
	node, caseNumber, action, authentication            string
	serial, tokenType, login, realm, resolver           string
	administrator, detail, reason, args, text, policies string
	client, agent, agentVersion, trace                  string
	previous, hash                                      []byte
}

const rowColumns = `written, node, number, case_number, started, ended, action, success, authentication, serial, token_type, login,
	realm, resolver, administrator, detail, reason, args, text, policies, client, agent, agent_version, trace, conflicts, previous`

const insertRow = `INSERT INTO audit (` + rowColumns + `, hash)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// values are the columns rowColumns names.
func (r *row) values() []any {
	return []any{r.written, r.node, r.number, r.caseNumber, r.started, r.ended, r.action, r.success, r.authentication, r.serial,
		r.tokenType, r.login, r.realm, r.resolver, r.administrator, r.detail, r.reason, r.args, r.text, r.policies, r.client,
		r.agent, r.agentVersion, r.trace, r.conflicts, r.previous}
}

// places are where the columns rowColumns names are read to.
func (r *row) places() []any {
	return []any{&r.written, &r.node, &r.number, &r.caseNumber, &r.started, &r.ended, &r.action, &r.success, &r.authentication,
		&r.serial, &r.tokenType, &r.login, &r.realm, &r.resolver, &r.administrator, &r.detail, &r.reason, &r.args, &r.text,
		&r.policies, &r.client, &r.agent, &r.agentVersion, &r.trace, &r.conflicts, &r.previous}
}

// digest is the SHA-256 over all columns and the hash of the row before. Each
// column is a letter for its type, its length in eight bytes, big endian, and
// its content, so that nothing can be moved from one column into the next.
func (r *row) digest() []byte {
	b := make([]byte, 0, 2048)
	for _, v := range r.values() {
		switch v := v.(type) {
		case int64:
			b = appendNumber(b, v)
		case string:
			b = append(appendStart(b, 's', len(v)), v...)
		case []byte:
			b = append(appendStart(b, 'b', len(v)), v...)
		case sql.NullInt64:
			if v.Valid {
				b = appendNumber(b, v.Int64)
			} else {
				b = appendStart(b, '0', 0)
			}
		}
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

func appendStart(b []byte, kind byte, length int) []byte {
	return binary.BigEndian.AppendUint64(append(b, kind), uint64(length))
}

func appendNumber(b []byte, n int64) []byte {
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], n, 10)
	return append(appendStart(b, 'n', len(text)), text...)
}

// record appends rec to this node's chain.
func (w *writer) record(ctx context.Context, rec *audit.Record) error {
	r := rowOfRecord(rec)
	r.written, r.node, r.number, r.previous = w.instant(), w.node, w.head.number+1, blob(w.head.hash)
	r.hash = r.digest()
	if _, err := w.exec(ctx, insertRow, append(r.values(), r.hash)...); err != nil {
		return fmt.Errorf("audit record: %w", err)
	}
	w.head = head{r.number, r.hash}
	return nil
}

func rowOfRecord(rec *audit.Record) *row {
	r := &row{caseNumber: rec.Case, started: micros(rec.Started), ended: micros(rec.Ended), action: rec.Action,
		authentication: rec.Authentication, serial: rec.Serial, tokenType: rec.TokenType, login: rec.User, realm: rec.Realm,
		resolver: rec.Resolver, administrator: rec.Administrator, detail: rec.Detail, reason: rec.Reason,
		args: jsonOf(plainArgs(rec.Args)), text: rec.Text, policies: jsonOf(rec.Policies), client: rec.Client, agent: rec.Agent,
		agentVersion: rec.AgentVersion, trace: jsonOf(rec.Trace), conflicts: int64(rec.Conflicts)}
	if rec.Success {
		r.success = 1
	}
	return r
}

// record is the reverse of rowOfRecord.
func (r *row) record() (audit.Record, error) {
	rec := audit.Record{Case: r.caseNumber, Started: instant(r.started), Ended: instant(r.ended), Action: r.action,
		Success: r.success != 0, Authentication: r.authentication, Serial: r.serial, TokenType: r.tokenType, User: r.login,
		Realm: r.realm, Resolver: r.resolver, Administrator: r.administrator, Detail: r.detail, Reason: r.reason, Text: r.text,
		Client: r.client, Agent: r.agent, AgentVersion: r.agentVersion, Conflicts: int(r.conflicts)}
	var err error
	rec.Args, err = readArgs(r.args)
	return rec, errors.Join(err, readJSON(r.policies, &rec.Policies), readJSON(r.trace, &rec.Trace))
}

// jsonOf is a list as it is stored: empty for an empty one.
func jsonOf[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	b, err := json.Marshal(list)
	if err != nil {
		return ""
	}
	return string(b)
}

func readJSON(text string, to any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), to)
}

// plainArgs are the arguments as they can be stored: what is no JSON becomes
// text, since a record must not be lost over it.
func plainArgs(args []any) []any {
	plain := make([]any, len(args))
	for i, a := range args {
		plain[i] = a
		if _, err := json.Marshal(a); err != nil {
			plain[i] = fmt.Sprint(a)
		}
	}
	return plain
}

// readArgs is the reverse of plainArgs: whole numbers are int, others float64,
// lists of texts are []string.
func readArgs(text string) ([]any, error) {
	if text == "" {
		return nil, nil
	}
	var args []any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&args); err != nil {
		return nil, err
	}
	for i, a := range args {
		args[i] = readArg(a)
	}
	return args, nil
}

func readArg(a any) any {
	switch a := a.(type) {
	case json.Number:
		if n, err := a.Int64(); err == nil {
			return int(n)
		}
		f, _ := a.Float64() // beyond its range: infinite
		return f
	case []any:
		texts := make([]string, len(a))
		for i, x := range a {
			s, ok := x.(string)
			if !ok {
				return a
			}
			texts[i] = s
		}
		return texts
	}
	return a
}
