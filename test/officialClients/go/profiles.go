package main

import (
	"fmt"
	"reflect"
	"unsafe" // also for go:linkname

	"github.com/aliyun/credentials-go/credentials/providers"
	"gopkg.in/ini.v1"
)

// What reads a profile is not exported, and what is exported goes on to ask STS or the metadata service.

//go:linkname newConfigurationFromPath github.com/aliyun/credentials-go/credentials/providers.newConfigurationFromPath
func newConfigurationFromPath(path string) (unsafe.Pointer, error)

//go:linkname cliProvider github.com/aliyun/credentials-go/credentials/providers.(*CLIProfileCredentialsProvider).getCredentialsProvider
func cliProvider(self *providers.CLIProfileCredentialsProvider, config unsafe.Pointer, name string) (providers.CredentialsProvider, error)

//go:linkname iniProvider github.com/aliyun/credentials-go/credentials/providers.(*ProfileCredentialsProvider).getCredentialsProvider
func iniProvider(self *providers.ProfileCredentialsProvider, file *ini.File) (providers.CredentialsProvider, error)

// readProfiles says for each profile of a file what credentials-go makes of it: FORMAT FILE NAME...
func readProfiles(args []string) (any, error) {
	if len(args) < 2 || (args[0] != "cli" && args[0] != "ini") {
		return nil, fmt.Errorf("usage: main profiles cli|ini FILE NAME...")
	}
	read := readIni
	if args[0] == "cli" {
		read = readCli
	}
	profiles := map[string]any{}
	for _, name := range args[2:] {
		provider, err := read(args[1], name)
		if err != nil {
			profiles[name] = map[string]any{"error": err.Error()}
			continue
		}
		profiles[name] = fieldsOf(reflect.ValueOf(provider))
	}
	return profiles, nil
}

func readCli(file, name string) (providers.CredentialsProvider, error) {
	config, err := newConfigurationFromPath(file)
	if err != nil {
		return nil, err
	}
	self, err := providers.NewCLIProfileCredentialsProviderBuilder().Build()
	if err != nil {
		return nil, err
	}
	return cliProvider(self, config, name)
}

func readIni(file, name string) (providers.CredentialsProvider, error) {
	parsed, err := ini.Load(file)
	if err != nil {
		return nil, err
	}
	self, err := providers.NewProfileCredentialsProviderBuilder().WithProfileName(name).Build()
	if err != nil {
		return nil, err
	}
	return iniProvider(self, parsed)
}

// fieldsOf has the fields of a provider that say something, those of the provider before it among them.
func fieldsOf(provider reflect.Value) map[string]any {
	value := reflect.Indirect(provider)
	fields := map[string]any{"provider": value.Type().Name()}
	for i := 0; i < value.NumField(); i++ {
		name, field := value.Type().Field(i).Name, value.Field(i)
		switch {
		case field.IsZero():
		case field.Kind() == reflect.String:
			fields[name] = field.String()
		case field.Kind() == reflect.Int:
			fields[name] = field.Int()
		case field.Kind() == reflect.Interface:
			fields[name] = fieldsOf(field.Elem())
		}
	}
	return fields
}
