package api

import (
	"context"
	"net/http"

	"tandem/access"
)

func (s *server) tokenRoutes() {
	const tag = "api tokens"
	route(s, op{on: "GET /api_tokens", id: "list_api_tokens", says: "List API tokens", tag: tag, may: admins}, s.listTokens)
	route(s, op{on: "POST /api_tokens", id: "create_api_token", says: "Make an API token; it is shown once", tag: tag, may: admins, status: http.StatusCreated}, s.createToken)
	route(s, op{on: "DELETE /api_tokens/{id}", id: "delete_api_token", says: "Make an API token useless", tag: tag, may: admins}, s.deleteToken)
}

// APIToken is a token as the API shows it.
type APIToken struct {
	ID         int64   `json:"id"`
	Name       string  `json:"name"`
	Hint       string  `json:"hint" doc:"Its last characters"`
	CreatedBy  int64   `json:"created_by"`
	CreatedAt  instant `json:"created_at"`
	LastUsedAt stamp   `json:"last_used_at"`
	FullToken  string  `json:"full_token,omitempty" doc:"The token itself; only in the answer that makes it"`
}

func encodeToken(t *access.APIToken) APIToken {
	return APIToken{
		ID: t.ID, Name: t.Name, Hint: t.Hint, CreatedBy: int64(t.CreatedBy), CreatedAt: instant(t.CreatedAt), LastUsedAt: stamp(t.LastUsedAt),
	}
}

type tokensOut struct {
	Body struct {
		Tokens []APIToken `json:"api_tokens"`
		OffsetMeta
	}
}

func (s *server) listTokens(ctx context.Context, by access.Actor, _ *none) (*tokensOut, error) {
	tokens, err := s.access.ListAPITokens(ctx, by)
	out := new(tokensOut)
	out.Body.Tokens = each(tokens, encodeToken)
	count := len(tokens)
	out.Body.Count = &count
	return out, err
}

// NewTokenBody is an API token to make.
type NewTokenBody struct {
	Name string `json:"name" maxLength:"200"`
}

type createTokenIn struct {
	Body struct {
		Token NewTokenBody `json:"api_token"`
	}
}

type tokenShownOut struct {
	Body struct {
		Token APIToken `json:"api_token"`
	}
}

func (s *server) createToken(ctx context.Context, by access.Actor, in *createTokenIn) (*tokenShownOut, error) {
	t, secret, err := s.access.CreateAPIToken(ctx, by, in.Body.Token.Name)
	if err != nil {
		return nil, err
	}
	out := new(tokenShownOut)
	out.Body.Token = encodeToken(t)
	out.Body.Token.FullToken = secret
	return out, nil
}

type deleteTokenIn struct {
	ID int64 `path:"id"`
}

func (s *server) deleteToken(ctx context.Context, by access.Actor, in *deleteTokenIn) (*none, error) {
	return nil, s.access.DeleteAPIToken(ctx, by, in.ID)
}
