package main

import (
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	sts "github.com/alibabacloud-go/sts-20150401/v2/client"
	service "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/tea"
	"github.com/aliyun/credentials-go/credentials"
)

func callSts(operation string) (any, error) {
	client, err := sts.NewClient(config(stsEndpoint))
	if err != nil {
		return nil, err
	}
	switch operation {
	case "AssumeRole":
		return client.AssumeRole(&sts.AssumeRoleRequest{
			DurationSeconds: tea.Int64(durationSeconds),
			ExternalId:      &externalID,
			Policy:          &policy,
			RoleArn:         &roleArn,
			RoleSessionName: &sessionName,
		})
	case "AssumeRoleWithOIDC":
		token, err := os.ReadFile(oidcTokenFile)
		if err != nil {
			return nil, err
		}
		return client.AssumeRoleWithOIDC(&sts.AssumeRoleWithOIDCRequest{
			DurationSeconds: tea.Int64(durationSeconds),
			OIDCProviderArn: &oidcProviderArn,
			OIDCToken:       tea.String(string(token)),
			RoleArn:         &roleArn,
			RoleSessionName: &sessionName,
		})
	}
	return unknown(operation)
}

// AssumeRole by the SDKs' generic client, which signs by V3 unless it is told otherwise, as sts-20150401 tells it.
func callGeneric(operation string) (any, error) {
	if operation != "AssumeRole" {
		return unknown(operation)
	}
	client, err := openapi.NewClient(config(stsEndpoint))
	if err != nil {
		return nil, err
	}
	params := &openapi.Params{
		Action:      tea.String("AssumeRole"),
		Version:     tea.String("2015-04-01"),
		Protocol:    tea.String("HTTPS"),
		Pathname:    tea.String("/"),
		Method:      tea.String("POST"),
		AuthType:    tea.String("AK"),
		Style:       tea.String("RPC"),
		ReqBodyType: tea.String("formData"),
		BodyType:    tea.String("json"),
	}
	request := &openapi.OpenApiRequest{Query: map[string]*string{
		"DurationSeconds": tea.String("3600"),
		"ExternalId":      &externalID,
		"Policy":          &policy,
		"RoleArn":         &roleArn,
		"RoleSessionName": &sessionName,
	}}
	return client.CallApi(params, request, &service.RuntimeOptions{})
}

func callCredentials(operation string) (any, error) {
	config := &credentials.Config{
		RoleArn:               &roleArn,
		RoleSessionName:       &sessionName,
		RoleSessionExpiration: tea.Int(durationSeconds),
		STSEndpoint:           &stsEndpoint,
	}
	switch operation {
	case "AssumeRole":
		config.SetType("ram_role_arn").SetAccessKeyId(accessKeyID).SetAccessKeySecret(accessKeySecret)
		config.Policy, config.ExternalId = &policy, &externalID
	case "AssumeRoleWithOIDC":
		config.SetType("oidc_role_arn").SetOIDCProviderArn(oidcProviderArn).SetOIDCTokenFilePath(oidcTokenFile)
	default:
		return unknown(operation)
	}
	credential, err := credentials.NewCredential(config)
	if err != nil {
		return nil, err
	}
	return credential.GetCredential()
}
