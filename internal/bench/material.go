// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"review-assistant/gerrit/gerrittest"
)

// owners are the people whom the catalog knows, and their user names in Gerrit.
var owners = []string{"dana", "erik", "goro"}

// baseFiles is what stands in a repository: five files that changes touch, and
// five that they do not.
func baseFiles() gerrittest.Files {
	files := gerrittest.Files{}
	for path, t := range touched {
		files[path] = t.before
	}
	for i := range 5 {
		files[fmt.Sprintf("lib/part%d.go", i)] = "package lib\n"
	}
	return files
}

// manyFiles fills a repository up to n files beside the base.
func manyFiles(n int) gerrittest.Files {
	files := gerrittest.Files{}
	for i := range n {
		files[fmt.Sprintf("gen/d%03d/f%03d.go", i/300, i%300)] = "package gen\n"
	}
	return files
}

// changedFiles is what a change makes of the five files.
func changedFiles() gerrittest.Files {
	files := gerrittest.Files{}
	for path, t := range touched {
		files[path] = t.after
	}
	return files
}

// touched are the five files of a change: code, its test, a configuration, a
// manifest of dependencies and a page, about a hundred changed lines.
var touched = map[string]struct{ before, after string }{
	"orders/pay.go": {
		"package orders\n\nimport \"context\"\n\n// Pay pays for an order.\nfunc (s *Service) Pay(ctx context.Context, id string) error {\n\treturn s.bank.Charge(ctx, id)\n}\n" + functions("Step", 6, 0),
		"package orders\n\nimport (\n\t\"context\"\n\t\"errors\"\n\t\"time\"\n)\n\nconst maxAttempts = 3\n\n// Pay pays for an order and tries again when the bank is away.\nfunc (s *Service) Pay(ctx context.Context, id, key string) error {\n\tvar last error\n\tfor attempt := range maxAttempts {\n\t\tif last = s.bank.Charge(ctx, id, key); last == nil {\n\t\t\treturn nil\n\t\t}\n\t\tif errors.Is(last, ErrRefused) {\n\t\t\treturn last\n\t\t}\n\t\ts.clock.Sleep(time.Duration(attempt) * time.Second)\n\t}\n\treturn last\n}\n" + functions("Step", 6, 3),
	},
	"orders/store.go": {
		"package orders\n" + functions("Load", 8, 0),
		"package orders\n" + functions("Load", 8, 2),
	},
	"orders/pay_test.go": {
		"package orders\n" + functions("TestPay", 3, 0),
		"package orders\n" + functions("TestPay", 6, 1),
	},
	"deploy/orders.yaml": {
		"service: orders\nreplicas: 2\ntimeout: 5s\nbank: https://bank.example.com\n",
		"service: orders\nreplicas: 3\ntimeout: 20s\nbank: https://bank.example.com\nretry:\n  attempts: 3\n  wait: 1s\n",
	},
	"docs/orders.md": {
		"# Orders\n\nAn order is paid once.\n\nThe bank answers within five seconds.\n",
		"# Orders\n\nAn order is paid once, also when the bank is asked three times: each\norder has a key of its own.\n\nThe bank answers within twenty seconds.\n",
	},
}

// functions returns n functions of a few lines, each turned-th of them in
// another form.
func functions(name string, n, turned int) string {
	var b strings.Builder
	for i := range n {
		limit := 10
		if turned > 0 && i%turned == 0 {
			limit = 20
		}
		fmt.Fprintf(&b, "\n// %[1]s%[2]d looks at the orders of a day.\nfunc %[1]s%[2]d(day []Order) int {\n\tpaid := 0\n\tfor _, o := range day {\n\t\tif o.Amount > %[3]d && o.Paid() {\n\t\t\tpaid++\n\t\t}\n\t}\n\treturn paid\n}\n", name, i, limit)
	}
	return b.String()
}

// catalogFile names the owners of every project.
func catalogFile(projects []string) string {
	var b strings.Builder
	for _, p := range projects {
		fmt.Fprintf(&b, "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: %s\n  annotations: {gerrit-review-assistant/project: %s, gerrit-review-assistant/path: orders/}\nspec: {type: service, lifecycle: production, owner: team-orders}\n---\n", p, p)
	}
	fmt.Fprintf(&b, "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-orders}\nspec: {type: team, children: [], members: [%s]}\n", strings.Join(owners, ", "))
	for _, o := range owners {
		fmt.Fprintf(&b, "---\napiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: %s, annotations: {gerrit-review-assistant/username: %s}}\nspec: {memberOf: [team-orders]}\n", o, o)
	}
	return b.String()
}
