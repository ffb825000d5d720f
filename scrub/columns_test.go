// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"
	"testing"
)

func TestColumns(t *testing.T) {
	wantPlaces(t, []string{
		"| Host | User | Password |\n|---|---|:---:|\n| a.example.org | web | ‹{a10}7› |\n| b.example.org | app | `‹{a12}8›` |\n\ntext",
		"+| Passwort | Konto |\n+|----|----|\n+| ‹{a10}7› | ann |\n",
		"User | Password\n--- | ---\nann | ‹{a10}7›\n",
		"| Service | API token |\n|---|---|\n| x | ‹{a32}7› |\n",
		"INSERT INTO users (name, password) VALUES ('deploy', '‹LobsterDragon{d4}›');",
		"insert into app.users (id, `password`, mail) values\n  (1, '‹{a10}7›', 'a@b'),\n  (2, '‹{a10}8›', NULL);",
		"COPY public.users (id, name, password) FROM stdin;\n1\tann\t‹{a12}7›\n\\.\n",
		"name,url,username,password\nx,https://x.example.org/,ann,‹{a12}7›\ny,https://y.example.org/,bob,‹{a12}8›\n",
		"login;password\nann;‹{a12}7›\n",
		"    Input Password    id=pw    ‹{a10}7›",
		"    Input Text    id=password    ‹{a10}7›",
		`  When I fill in "Password" with "‹{a10}7›"`,
		`  Given a user "ann" with password "‹{a10}7›"`,
		`CREATE ROLE app LOGIN PASSWORD '‹{a10}7›';`,
		`ALTER ROLE app WITH ENCRYPTED PASSWORD '‹{a10}7›';`,
		`CREATE LOGIN app WITH PASSWORD = N'‹{a10}7›';`,
	})
}

func TestColumnsBenign(t *testing.T) {
	wantBenign(t, []string{
		"| Secret | Description |\n|---|---|\n| `S3_KEY` | key of the bucket |\n| db-credentials-v2 | of the database |\n",
		"| Name | Password |\n|---|---|\n| a | string |\n| b | `${DB_PASSWORD}` |\n| c | *** |\n| d | at least 8 characters |\n",
		"| user | password | ok |\n", "INSERT INTO users (name, password) VALUES (?, ?)", "INSERT INTO users (name, password) VALUES ($1, crypt($2, gen_salt('bf')))",
		"INSERT INTO users (name, city2) VALUES ('deploy1', 'Paris75');", "user,password,\nfoo1,bar2x\n", "call(user,password)\nfoo1,bar2x9\n",
		"    Input Password    id=pw1    ${PASSWORD}", "    Input Text    id=name    ann1x", `I fill in "Password" with "<password>"`,
		"name,password_reset_at\nann1x,2024-01-01T00:00:00Z\n", "token,count\nthe,12345\nof1,6789\n",
	})
}

// TestTablesAreBounded repeats what starts a reader.
func TestTablesAreBounded(t *testing.T) {
	for _, piece := range []string{"| password |\n|---|\n", "| password ", "insert into t (password) values (", "insert into t (password) values ('", "('", ",password\n", ",password", "mysql -p", "/mysql ", "chpasswd:\na:b\n", "expect \"assword:\"\n", "input password  a  ", "net use a "} {
		raw := strings.Repeat(piece, 32<<10/len(piece))
		// Too much work is refused, and told; else the text is there.
		c := cleaner(t, Options{})
		if got := clean(t, c, raw); len(got) < len(raw)/4 && len(c.Report().Withheld) == 0 {
			t.Errorf("%q repeated: %.80q", piece, got)
		}
	}
}
