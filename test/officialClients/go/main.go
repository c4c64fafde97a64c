// Makes one call with a client of Alibaba Cloud's own: main CLIENT OPERATION. What it calls with is in the environment;
// it prints what the client made of the answer, as JSON. Or reads profiles: main profiles cli|ini FILE NAME...
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// settings are what every client is told.
var (
	acrEndpoint     = os.Getenv("ACR_ENDPOINT")
	stsEndpoint     = os.Getenv("STS_ENDPOINT")
	accessKeyID     = os.Getenv("ACCESS_KEY_ID")
	accessKeySecret = os.Getenv("ACCESS_KEY_SECRET")
	securityToken   = os.Getenv("SECURITY_TOKEN")
	instanceID      = os.Getenv("INSTANCE_ID")
	roleArn         = os.Getenv("ROLE_ARN")
	sessionName     = os.Getenv("SESSION_NAME")
	externalID      = os.Getenv("EXTERNAL_ID")
	policy          = os.Getenv("POLICY")
	oidcProviderArn = os.Getenv("OIDC_PROVIDER_ARN")
	oidcTokenFile   = os.Getenv("OIDC_TOKEN_FILE")
)

const durationSeconds = 3600

var clients = map[string]func(operation string) (any, error){
	"cr-20181201":       callEnterprise,
	"cr-20160607":       callPersonal,
	"sts-20150401":      callSts,
	"darabonba-openapi": callGeneric,
	"credentials-go":    callCredentials,
}

func main() {
	answer, err := run(os.Args[1:])
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fail(err)
	}
}

func run(args []string) (any, error) {
	if len(args) > 0 && args[0] == "profiles" {
		return readProfiles(args[1:])
	}
	if len(args) != 2 || clients[args[0]] == nil {
		return nil, fmt.Errorf("usage: main CLIENT OPERATION")
	}
	return clients[args[0]](args[1])
}

func unknown(operation string) (any, error) {
	return nil, fmt.Errorf("this client has no operation %s", operation)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
