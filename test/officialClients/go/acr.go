package main

import (
	personal "github.com/alibabacloud-go/cr-20160607/v2/client"
	enterprise "github.com/alibabacloud-go/cr-20181201/v3/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/tea"
)

func config(endpoint string) *openapi.Config {
	config := &openapi.Config{
		AccessKeyId:     tea.String(accessKeyID),
		AccessKeySecret: tea.String(accessKeySecret),
		Endpoint:        tea.String(endpoint),
	}
	if securityToken != "" {
		config.SecurityToken = tea.String(securityToken)
	}
	return config
}

func callEnterprise(operation string) (any, error) {
	client, err := enterprise.NewClient(config(acrEndpoint))
	if err != nil {
		return nil, err
	}
	switch operation {
	case "GetAuthorizationToken":
		return client.GetAuthorizationToken(&enterprise.GetAuthorizationTokenRequest{InstanceId: &instanceID})
	case "ListInstance":
		return client.ListInstance(&enterprise.ListInstanceRequest{PageNo: tea.Int32(1), PageSize: tea.Int32(100)})
	case "ListInstanceEndpoint":
		return client.ListInstanceEndpoint(&enterprise.ListInstanceEndpointRequest{
			InstanceId: &instanceID,
			ModuleName: tea.String("Registry"),
			Summary:    tea.Bool(true),
		})
	}
	return unknown(operation)
}

// The client drops the answer's body (its BodyType is none), as it does with the real API.
func callPersonal(operation string) (any, error) {
	client, err := personal.NewClient(config(acrEndpoint))
	if err != nil {
		return nil, err
	}
	if operation == "GetTokens(2016)" {
		return client.GetAuthorizationToken()
	}
	return unknown(operation)
}
