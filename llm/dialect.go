// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sashabaranov/go-openai"

	"review-assistant/prompts"
)

// dialect is one way to say a request. Servers differ in the fields that they
// take; what one refuses is left out from then on.
type dialect struct {
	profile     Profile
	mode        JSONMode
	tokensField string
	temperature bool
	fields      []byte
}

// firstDialect asks for everything. max_tokens comes first because a server
// that does not know max_completion_tokens ignores it and has no bound then.
func firstDialect(p Profile) *dialect {
	d := &dialect{profile: p, mode: p.JSONMode, tokensField: "max_tokens", temperature: true}
	if d.mode == "" || d.mode == JSONAuto {
		d.mode = JSONSchema
	}
	d.fields = d.members()
	return d
}

// members are the fields that go past go-openai. It drops zero values and
// refuses sampling fields by the model's name, which says nothing on a
// self-hosted server.
func (d *dialect) members() []byte {
	var b bytes.Buffer
	add := func(name string, value any) {
		v, err := json.Marshal(value)
		if err != nil {
			return
		}
		fmt.Fprintf(&b, "%q:%s,", name, v)
	}
	if d.temperature {
		var t float64
		if d.profile.Temperature != nil {
			t = *d.profile.Temperature
		}
		add("temperature", t)
	}
	add(d.tokensField, d.profile.maxOutput())
	if d.profile.ReasoningEffort != "" {
		add("reasoning_effort", d.profile.ReasoningEffort)
	}
	if d.profile.StoreFalse {
		add("store", false)
	}
	return b.Bytes()
}

// without returns a dialect that avoids what the server's words complain of,
// nil when there is nothing left to try. The words choose a branch and go
// nowhere else.
func (d *dialect) without(words string) *dialect {
	next := *d
	auto := d.profile.JSONMode == "" || d.profile.JSONMode == JSONAuto
	switch {
	case d.tokensField == "max_tokens" && strings.Contains(words, "max_tokens"):
		next.tokensField = "max_completion_tokens"
	case d.temperature && strings.Contains(words, "temperature"):
		next.temperature = false
	case auto && d.mode == JSONSchema:
		next.mode = JSONObject
	case auto && d.mode == JSONObject:
		next.mode = JSONNone
	default:
		return nil
	}
	next.fields = next.members()
	return &next
}

// request builds the body but for the extra fields.
func (d *dialect) request(p prompts.Prompt) openai.ChatCompletionRequest {
	system := p.System().String()
	r := openai.ChatCompletionRequest{Model: d.profile.Model}
	switch d.mode {
	case JSONSchema:
		r.ResponseFormat = &openai.ChatCompletionResponseFormat{
			Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{
				Name: strings.ReplaceAll(p.ID(), "/", "_"), Schema: wireSchema(p.Schema()), Strict: true,
			},
		}
	case JSONObject:
		r.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
	}
	if d.mode != JSONSchema {
		system += "\nJSON schema of the answer:\n" + string(p.Schema())
	}
	r.Messages = []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleSystem, Content: system},
		{Role: openai.ChatMessageRoleUser, Content: p.User().String()},
	}
	return r
}

// boundWords are left out of the schema on the wire: strict modes refuse
// them, and grammar engines turn a bound of 600 into 600 states. Answers are
// checked against the whole schema.
var boundWords = map[string]bool{
	"minLength": true, "maxLength": true, "minItems": true, "maxItems": true, "minimum": true, "maximum": true,
}

// wireSchema returns schema without bounds. The order of the fields stays,
// since models write them in that order.
func wireSchema(schema json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	d := json.NewDecoder(bytes.NewReader(schema))
	d.UseNumber()
	if err := copyValue(&b, d); err != nil {
		return schema
	}
	return b.Bytes()
}

func copyValue(b *bytes.Buffer, d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch t {
	case json.Delim('{'):
		return copyObject(b, d)
	case json.Delim('['):
		b.WriteByte('[')
		for i := 0; d.More(); i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := copyValue(b, d); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		_, err = d.Token()
		return err
	}
	return writeToken(b, t)
}

func copyObject(b *bytes.Buffer, d *json.Decoder) error {
	b.WriteByte('{')
	for first := true; d.More(); {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value bytes.Buffer
		if err := copyValue(&value, d); err != nil {
			return err
		}
		if name, ok := key.(string); ok && boundWords[name] {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		if err := writeToken(b, key); err != nil {
			return err
		}
		b.WriteByte(':')
		b.Write(value.Bytes())
	}
	b.WriteByte('}')
	_, err := d.Token()
	return err
}

func writeToken(b *bytes.Buffer, t json.Token) error {
	v, err := json.Marshal(t)
	b.Write(v)
	return err
}
