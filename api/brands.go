package api

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) brandRoutes() {
	const tag = "brands"
	route(s, op{on: "GET /brands", id: "list_brands", says: "List brands", tag: tag, may: agents}, s.listBrands)
	route(s, op{on: "GET /brands/{id}", id: "show_brand", says: "Show a brand", tag: tag, may: agents}, s.showBrand)
	route(s, op{on: "GET /brands/{id}/logo", id: "show_brand_logo", says: "The picture of a brand", tag: tag, may: agents, media: "image/png"}, s.showLogo)
	route(s, op{on: "POST /brands", id: "create_brand", says: "Add a brand", tag: tag, may: admins, status: http.StatusCreated}, s.createBrand)
	route(s, op{on: "PUT /brands/{id}", id: "update_brand", says: "Change a brand", tag: tag, may: admins}, s.updateBrand)
}

// Brand is a brand as the API shows it.
type Brand struct {
	ID        int64   `json:"id"`
	URL       string  `json:"url"`
	Name      string  `json:"name"`
	Default   bool    `json:"default"`
	Signature string  `json:"signature"`
	Active    bool    `json:"active" doc:"Only an active one can be given to tickets"`
	Logo      *Logo   `json:"logo"`
	CreatedAt instant `json:"created_at"`
	UpdatedAt instant `json:"updated_at"`
}

func encodeBrand(q *request, b *directory.Brand) Brand {
	return Brand{
		ID: int64(b.ID), URL: q.link("/brands/%d.json", b.ID), Name: b.Name, Default: b.Default, Signature: b.Signature, Active: !b.Retired, Logo: logoOf(q, b),
		CreatedAt: instant(b.CreatedAt), UpdatedAt: instant(b.UpdatedAt),
	}
}

// Logo is a brand's picture.
type Logo struct {
	ContentURL  string `json:"content_url"`
	ContentType string `json:"content_type" enum:"image/png,image/jpeg"`
}

func logoOf(q *request, b *directory.Brand) *Logo {
	if b.Logo.Blob == "" {
		return nil
	}
	// Browsers keep the picture; another one has another address.
	return &Logo{ContentURL: q.link("/brands/%d/logo?v=%.8s", b.ID, b.Logo.Blob), ContentType: b.Logo.ContentType}
}

type brandsOut struct {
	Body struct {
		Brands []Brand `json:"brands"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listBrands(ctx context.Context, by access.Actor, in *WholeListIn) (*brandsOut, error) {
	brands, err := s.desk.Brands(ctx, by)
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(brandsOut)
	out.Body.Brands, err = pageOfWhole(q, *in, each(brands, encoder(q, encodeBrand)), func(b Brand) int64 { return b.ID }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	return out, err
}

type brandIn struct {
	ID int64 `path:"id"`
}

type brandOut struct {
	Body struct {
		Brand Brand `json:"brand"`
	}
}

func shownBrand(ctx context.Context, b *directory.Brand, err error) (*brandOut, error) {
	return respond(ctx, err, func(q *request, out *brandOut) { out.Body.Brand = encodeBrand(q, b) })
}

func (s *server) showBrand(ctx context.Context, by access.Actor, in *brandIn) (*brandOut, error) {
	b, err := s.desk.Brand(ctx, by, directory.BrandID(in.ID))
	return shownBrand(ctx, b, err)
}

// BrandBody is what an administrator sets at a brand; what is absent stays.
type BrandBody struct {
	Name      *string `json:"name,omitempty" maxLength:"200"`
	Signature *string `json:"signature,omitempty" maxLength:"4000"`
	Default   *bool   `json:"default,omitempty" doc:"true moves the default here"`
	Active    *bool   `json:"active,omitempty"`
	Logo      *string `json:"logo,omitempty" doc:"Token of an upload with one PNG or JPEG picture; empty removes the logo"`
}

func (b BrandBody) change() desk.BrandChange {
	return desk.BrandChange{Name: b.Name, Signature: b.Signature, Default: b.Default, Active: b.Active, Logo: b.Logo}
}

type createBrandIn struct {
	Body struct {
		Brand BrandBody `json:"brand"`
	}
}

func (s *server) createBrand(ctx context.Context, by access.Actor, in *createBrandIn) (*brandOut, error) {
	b, err := s.desk.SaveBrand(ctx, by, 0, in.Body.Brand.change())
	return shownBrand(ctx, b, err)
}

type updateBrandIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Brand BrandBody `json:"brand"`
	}
}

func (s *server) updateBrand(ctx context.Context, by access.Actor, in *updateBrandIn) (*brandOut, error) {
	b, err := s.desk.SaveBrand(ctx, by, directory.BrandID(in.ID), in.Body.Brand.change())
	return shownBrand(ctx, b, err)
}

type logoIn struct {
	ID      int64  `path:"id"`
	Version string `query:"v" doc:"Part of the address, so that browsers can keep the picture"`
}

func (s *server) showLogo(ctx context.Context, by access.Actor, in *logoIn) (*huma.StreamResponse, error) {
	media, content, err := s.desk.Logo(ctx, by, directory.BrandID(in.ID))
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(w huma.Context) {
		defer content.Close()
		w.SetHeader("Content-Type", media)
		w.SetHeader("X-Content-Type-Options", "nosniff")
		w.SetHeader("Content-Security-Policy", filePolicy)
		w.SetHeader("Cache-Control", "private, max-age=86400")
		if _, err := io.Copy(w.BodyWriter(), content); err != nil {
			s.log.Info("a logo was cut", "err", err, "request", requestID(ctx))
		}
	}}, nil
}
