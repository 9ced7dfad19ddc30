package atlas

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Querier is a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Domain is a schema of the database and what is kept in it.
type Domain struct {
	Name   string
	Tables []Table
}

// Table is one table, its columns in the order of the database.
type Table struct {
	Domain, Name string
	Note         string // its comment in the database
	Columns      []Column
	References   []Reference
}

// Column is one column of a table.
type Column struct {
	Name, Type string
	Note       string // its comment in the database
	Key        bool   // part of the primary key
	Null       bool
}

// Reference says that columns of a table name a row of another.
type Reference struct {
	Columns       []string
	Domain, Table string
	// Declared says that the database holds to it; else only the code does.
	Declared bool
}

// name is how a table is called in SQL.
func (t Table) name() string { return t.Domain + "." + t.Name }

// to is how the referenced table is called in SQL.
func (r Reference) to() string { return r.Domain + "." + r.Table }

// Read gives the domains of the database by name, and their tables by name.
func Read(ctx context.Context, q Querier) ([]Domain, error) {
	tables, err := readColumns(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read the tables: %w", err)
	}
	if err := readReferences(ctx, q, tables); err != nil {
		return nil, fmt.Errorf("read the references: %w", err)
	}
	var domains []Domain
	for _, t := range tables {
		t.References = append(t.References, undeclared(*t)...)
		slices.SortFunc(t.References, func(a, b Reference) int { return slices.Compare(t.places(a), t.places(b)) })
		if n := len(domains); n == 0 || domains[n-1].Name != t.Domain {
			domains = append(domains, Domain{Name: t.Domain})
		}
		last := &domains[len(domains)-1]
		last.Tables = append(last.Tables, *t)
	}
	return domains, nil
}

// places are where the columns of a reference stand among the table's.
func (t Table) places(r Reference) (places []int) {
	for _, name := range r.Columns {
		places = append(places, slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name }))
	}
	return places
}

// readColumns reads every table of a domain: those of Postgres, of its extensions, of the migrations and of the queue of jobs are
// nobody's.
func readColumns(ctx context.Context, q Querier) ([]*Table, error) {
	rows, err := q.Query(ctx, `
		SELECT n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), a.attname, format_type(a.atttypid, a.atttypmod),
			coalesce(col_description(c.oid, a.attnum), ''), coalesce(a.attnum = ANY (k.conkey), false), NOT a.attnotnull
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'public', 'river')
		ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum`)
	if err != nil {
		return nil, err
	}
	var tables []*Table
	var t Table
	var c Column
	_, err = pgx.ForEachRow(rows, []any{&t.Domain, &t.Name, &t.Note, &c.Name, &c.Type, &c.Note, &c.Key, &c.Null}, func() error {
		if n := len(tables); n == 0 || tables[n-1].name() != t.name() {
			fresh := t
			tables = append(tables, &fresh)
		}
		last := tables[len(tables)-1]
		last.Columns = append(last.Columns, c)
		return nil
	})
	return tables, err
}

// readReferences adds the foreign keys to their tables.
func readReferences(ctx context.Context, q Querier, tables []*Table) error {
	rows, err := q.Query(ctx, `
		SELECT n.nspname, c.relname, fn.nspname, f.relname, (
			SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u (num, place)
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num)
		FROM pg_constraint k
		JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
		WHERE k.contype = 'f' AND k.conparentid = 0
		ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`)
	if err != nil {
		return err
	}
	var domain, table string
	r := Reference{Declared: true}
	_, err = pgx.ForEachRow(rows, []any{&domain, &table, &r.Domain, &r.Table, &r.Columns}, func() error {
		for _, t := range tables {
			if t.Domain == domain && t.Name == table {
				t.References = append(t.References, Reference{slices.Clone(r.Columns), r.Domain, r.Table, true})
			}
		}
		return nil
	})
	return err
}
