// Prints what Kubernetes' own decoders make of texts, for tests/test_manifest_parity.py.
//
// Standard input has one text per line, as a JSON string. For each, standard output gets a line of JSON:
//
//	{"documents": […], "error": "…", "strict": "…", "ignored": true}
//
// The documents are those kubectl and Argo CD see: split and decoded by YAMLOrJSONDecoder, numbers as the API
// machinery's JSON decoder keeps them, empty documents left out. "error" is why reading stopped; what stood before it
// has been decoded. "strict" is what a decoder that refuses repeated keys says of the first document. "ignored" tells that
// there is text behind the end of a document that the decoder never looks at.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	goyaml "go.yaml.in/yaml/v2"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type result struct {
	Documents []any  `json:"documents"`
	Error     string `json:"error,omitempty"`
	Strict    string `json:"strict,omitempty"`
	Ignored   bool   `json:"ignored,omitempty"`
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for {
		line, err := input.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var text string
			if err := json.Unmarshal(line, &text); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			printed, err := json.Marshal(read(text))
			if err != nil {
				printed, _ = json.Marshal(result{Error: "not printable: " + err.Error()})
			}
			output.Write(printed)
			output.WriteByte('\n')
			output.Flush()
		}
		if err != nil {
			return
		}
	}
}

// read decodes a text as `kubectl apply` does with a file.
func read(text string) (found result) {
	found.Documents = []any{}
	defer func() {
		if crash := recover(); crash != nil {
			found.Error = fmt.Sprintf("panic: %v", crash)
		}
	}()
	if _, err := yaml.YAMLToJSONStrict([]byte(text)); err != nil {
		found.Strict = err.Error()
	}
	found.Ignored = ignores(text)
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(text)), 4096)
	for {
		var raw runtime.RawExtension
		if err := decoder.Decode(&raw); err != nil {
			if !errors.Is(err, io.EOF) {
				found.Error = err.Error()
			}
			return found
		}
		data := bytes.TrimSpace(raw.Raw)
		if len(data) == 0 || bytes.Equal(data, []byte("null")) {
			continue
		}
		var value any
		if err := utiljson.Unmarshal(data, &value); err != nil {
			found.Error = err.Error()
			return found
		}
		found.Documents = append(found.Documents, value)
	}
}

// ignores tells whether one of the documents that YAMLReader cuts out of a text holds more than one for the YAML parser.
func ignores(text string) bool {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader([]byte(text))))
	for {
		part, err := reader.Read()
		if err != nil {
			return false
		}
		decoder := goyaml.NewDecoder(bytes.NewReader(part))
		var value any
		if decoder.Decode(&value) == nil && decoder.Decode(&value) != io.EOF {
			return true
		}
	}
}
