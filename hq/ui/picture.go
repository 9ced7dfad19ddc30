package ui

// PictureRoute is where pictures of products are, for everybody and for the dashboard too: a pattern of http.ServeMux.
const PictureRoute = "GET /shop/pictures/{picture}/{size}"

// PictureAddress is where a picture is in a size. Another picture has another address, so that browsers keep it for ever.
func PictureAddress(picture, size string) string { return "/shop/pictures/" + picture + "/" + size }
