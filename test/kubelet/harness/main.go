// Command harness runs the kubelet's own image credential provider code for the tests.
//
//	harness lookups --config FILE --bin-dir DIR [-v 5]
//	harness matches
//	harness configs
//	harness repositories
//	harness proxies
//
// It speaks JSON, one line in and one line out, so that a test can change the world
// between two steps. What the kubelet would log goes to stderr.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"k8s.io/klog/v2"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: harness lookups|matches|configs|repositories|proxies"))
	}
	mode, flags := os.Args[1], flag.NewFlagSet("harness", flag.ExitOnError)
	klog.InitFlags(flags)
	config := flags.String("config", "", "the kubelet's CredentialProviderConfig")
	binDir := flags.String("bin-dir", "", "where the plugins are")
	_ = flags.Parse(os.Args[2:])
	defer klog.Flush()

	switch mode {
	case "lookups":
		answerLookups(*config, *binDir)
	case "matches":
		answerLines(func(pair matchQuestion) matchAnswer { return match(pair) })
	case "configs":
		answerLines(readConfig)
	case "repositories":
		answerLines(repositoryOf)
	case "proxies":
		answerLines(proxyFor)
	default:
		fail(fmt.Errorf("unknown mode %q", mode))
	}
}

// answerLookups registers the plugins (once per process, as the kubelet does), says
// whether that worked, and then looks up the credentials of one step after the other.
func answerLookups(config, binDir string) {
	cluster := &cluster{}
	if err := register(config, binDir, cluster); err != nil {
		write(registration{Error: err.Error()})
		return
	}
	write(registration{Registered: true})
	answerLines(func(step step) stepAnswer { return run(step, cluster) })
}

// answerLines answers every line of stdin with one line of stdout.
func answerLines[Question, Answer any](answer func(Question) Answer) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var question Question
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			fail(fmt.Errorf("read a line of stdin: %w", err))
		}
		write(answer(question))
	}
}

func write(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		fail(fmt.Errorf("write an answer: %w", err))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "harness:", err)
	os.Exit(2)
}
