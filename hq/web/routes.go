package web

import (
	"context"
	"net/http"

	"comptant/hq/ui"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// handlers is everything there is, by its pattern.
func (s *site) handlers() map[string]http.Handler {
	all := map[string]http.Handler{
		"GET /static/": ui.Static(),
		"POST /prefs":  http.HandlerFunc(ui.SetPreferences),
		"/": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if person, err := s.person(r); err == nil { // the sections stay around it
				r = r.WithContext(context.WithValue(r.Context(), personKey{}, person))
			}
			s.fail(w, r, &retail.Error{Code: retail.NotFound, Key: "error.page"})
		}),
	}
	for _, route := range s.outsideRoutes() {
		all[route.pattern] = s.public(route.page)
	}
	for _, route := range s.routes() {
		all[route.pattern] = s.signedIn(route.action, route.page)
	}
	return all
}

// outsideRoutes is every page that needs no person.
func (s *site) outsideRoutes() []route {
	return []route{
		{pattern: "GET /login", page: s.signInPage},
		{pattern: "POST /login", page: s.signIn},
		{pattern: "POST /logout", page: s.signOut},
		{pattern: "GET /forgot", page: s.forgotPage},
		{pattern: "POST /forgot", page: s.forgot},
		{pattern: "GET /reset/{token}", page: s.resetPage},
		{pattern: "POST /reset/{token}", page: s.reset},
	}
}

// routes is every page of the dashboard that needs a person, and what it takes to use it.
func (s *site) routes() []route {
	return []route{
		{"GET /{$}", users.SeeOverview, s.overview},
		{"GET /events", users.SeeOverview, s.events},
		{"GET /stores", users.SeeReports, s.storeList},
		{"GET /stores/{store}", users.SeeReports, s.store},
		{"GET /stores/locations", users.EditLocations, s.locations},
		{"POST /stores/locations", users.EditLocations, s.addLocation},
		{"POST /stores/locations/{location}", users.EditLocations, s.editLocation},
		{"GET /reports", users.SeeReports, s.report},
		{"GET /reports.csv", users.SeeReports, s.reportCSV},
		{"GET /reports.xlsx", users.SeeReports, s.reportXLSX},
		{"GET /reports/{report}", users.SeeReports, s.sheetPage},
		{"GET /reports/{report}/table.csv", users.SeeReports, s.sheetCSV},
		{"GET /reports/{report}/table.xlsx", users.SeeReports, s.sheetXLSX},
		{"GET /receipts", users.SeeReports, s.receipts},
		{"GET /receipts/{store}/{date}/{till}/{entry}", users.SeeReports, s.receipt},
		{"GET /stock", users.SeeStock, s.stock},
		{"GET /stock.csv", users.SeeStock, s.stockCSV},
		{"GET /stock/counts", users.SeeStock, s.counts},
		{"GET /stock/{product}/movements", users.SeeStock, s.movements},
		{"GET /stock/{location}/{product}/{form}", users.SeeStock, s.toPanel},
		{"GET /stock/counts/{store}/{session}", users.SeeStock, s.countSession},
		{"GET /stock/counts/{store}/{session}/table.csv", users.SeeStock, s.countCSV},
		{"GET /stock/counts/{store}/{session}/table.xlsx", users.SeeStock, s.countXLSX},
		{"POST /stock/{location}/{product}/thresholds", users.SetThresholds, s.setThresholds},
		{"POST /stock/{location}/{product}/restock", users.RequestRestocks, s.askRestock},
		{"POST /stock/{location}/{product}/adjust", users.AdjustStock, s.adjustStock},
		{"GET /restock", users.SeeRestocks, s.restock},
		{"POST /restock/{store}/{id}/decide", users.DecideRestocks, s.decide},
		{"POST /restock/{store}/{id}/ship", users.ShipRestocks, s.ship},
		{"POST /restock/{store}/automatic", users.DecideRestocks, s.setAutomatic},
		{"GET /warehouse", users.ShipRestocks, s.warehouse},
		{"GET /warehouse/{store}/{id}", users.ShipRestocks, s.packingList},
		{"GET /purchases", users.ReceiveGoods, s.purchases},
		{"POST /purchases", users.ReceiveGoods, s.makePurchase},
		{"GET /purchases/new", users.ReceiveGoods, s.newPurchase},
		{"GET /purchases/{warehouse}/{id}", users.ReceiveGoods, s.purchase},
		{"POST /purchases/{warehouse}/{id}/receive", users.ReceiveGoods, s.receiveGoods},
		{"POST /purchases/{warehouse}/{id}/close", users.ReceiveGoods, s.closePurchase},
		{"POST /purchases/{warehouse}/{id}/{delivery}/correct", users.ReceiveGoods, s.correctGoods},
		{"GET /catalogue", users.SeeCatalog, s.catalogue},
		{"GET /labels", users.SeeCatalog, s.labels},
		{"POST /catalogue/prices", users.EditCatalog, s.addPrice},
		{"POST /catalogue/prices/{version}/cancel", users.EditCatalog, s.cancelPrices},
		{"GET /catalogue/products/new", users.EditCatalog, s.newProduct},
		{"POST /catalogue/products", users.EditCatalog, s.addProduct},
		{"GET /catalogue/products/{product}", users.EditCatalog, s.productPage},
		{"POST /catalogue/products/{product}", users.EditCatalog, s.editProduct},
		{"POST /catalogue/products/{product}/retire", users.EditCatalog, s.retireProduct},
		{"POST /catalogue/products/{product}/restore", users.EditCatalog, s.restoreProduct},
		{"POST /catalogue/products/{product}/barcodes", users.EditCatalog, s.addBarcode},
		{"POST /catalogue/products/{product}/barcodes/{code}/remove", users.EditCatalog, s.removeBarcode},
		{"GET /catalogue/categories", users.SeeCatalog, s.categories},
		{"POST /catalogue/categories", users.EditCatalog, s.addCategory},
		{"POST /catalogue/categories/{category}", users.EditCatalog, s.editCategory},
		{"POST /catalogue/categories/{category}/remove", users.EditCatalog, s.removeCategory},
		{"GET /catalogue/taxes", users.SeeCatalog, s.taxes},
		{"POST /catalogue/charges", users.EditCatalog, s.addCharge},
		{"POST /catalogue/charges/{code}", users.EditCatalog, s.editCharge},
		{"GET /catalogue/pictures/{product}", users.EditCatalog, s.picturePage},
		{"POST /catalogue/pictures/{product}", users.EditCatalog, s.putPicture},
		{"POST /catalogue/pictures/{product}/remove", users.EditCatalog, s.removePicture},
		{"GET /catalogue/import", users.EditCatalog, s.importPage},
		{"POST /catalogue/import", users.EditCatalog, s.takeFile},
		{"GET /catalogue/import/{upload}", users.EditCatalog, s.uploadPage},
		{"GET /catalogue/import/{upload}/bad.csv", users.EditCatalog, s.badRows},
		{"POST /catalogue/import/{upload}/apply", users.EditCatalog, s.confirmUpload},
		{"GET /people", users.EditStaff, s.people},
		{"POST /people", users.EditStaff, s.addPerson},
		{"GET /people/new", users.EditStaff, s.newPerson},
		{"GET /people/rights", users.EditStaff, s.rights},
		{"POST /people/rights", users.EditRights, s.setRights},
		{"GET /people/tokens", users.EditTokens, s.tokens},
		{"POST /people/tokens", users.EditTokens, s.newToken},
		{"POST /people/tokens/{token}/revoke", users.EditTokens, s.revokeToken},
		{"GET /people/{person}", users.EditStaff, s.onePerson},
		{"POST /people/{person}", users.EditStaff, s.editPerson},
		{"POST /people/{person}/password", users.EditStaff, s.setPassword},
		{"POST /people/{person}/pin", users.EditStaff, s.setPIN},
		{"POST /people/{person}/block", users.EditStaff, s.block},
		{"POST /people/{person}/unblock", users.EditStaff, s.unblock},
		{"POST /people/{person}/sessions/end", users.EditStaff, s.endSessions},
		{"POST /people/{person}/sessions/{session}/end", users.EditStaff, s.endSession},
		{"GET /account", users.SeeOverview, s.account},
		{"POST /account/password", users.SeeOverview, s.changePassword},
		{"POST /account/sessions/end", users.SeeOverview, s.endOtherSessions},
		{"POST /account/sessions/{session}/end", users.SeeOverview, s.endOwnSession},
		{"GET /audit", users.SeeAudit, s.audit},
		{"GET /customers", users.EditCustomers, s.customers},
		{"POST /customers/{customer}/erase", users.EditCustomers, s.eraseCustomer},
		{"GET /tills", users.SeeTills, s.tills},
		{"POST /tills/codes", users.EditTills, s.newCode},
		{"POST /tills/{till}/revoke", users.EditTills, s.revokeTill},
		{"POST /tills/{till}/lock", users.LockTills, s.lockTill},
		{"POST /tills/{till}/unlock", users.LockTills, s.unlockTill},
		{"POST /tills/{till}/log", users.EditTills, s.askTillLog},
		{"GET /tills/{till}/till.log", users.EditTills, s.tillLog},
		{"GET /exceptions", users.SeeJournal, s.exceptionPage},
		{"POST /exceptions/flags", users.ResolveFlags, s.resolveFlag},
		{"GET /journal", users.SeeJournal, s.journal},
		{"POST /journal/verify", users.SeeJournal, s.verify},
		{"POST /journal/export", users.SeeJournal, s.exportJournal},
		{"GET /journal/{till}", users.SeeJournal, s.tillJournal},
		{"GET /orders", users.SeeOrders, s.orderList},
		{"GET /orders/{order}", users.SeeOrders, s.orderPage},
		{"POST /orders/{order}/cancel", users.ManageOrders, s.cancelOrder},
		{"POST /orders/{order}/repay", users.ManageOrders, s.repayOrder},
		{"POST /orders/{order}/settle", users.ManageOrders, s.settleOrder},
		{"POST /orders/{order}/retry", users.ManageOrders, s.retryOrder},
		{"POST /orders/{order}/accept", users.FulfilOrders, s.acceptOrder},
		{"POST /orders/{order}/short", users.FulfilOrders, s.lackOrder},
		{"POST /orders/{order}/ship", users.FulfilOrders, s.shipOrder},
		{"POST /orders/{order}/deliver", users.ManageOrders, s.deliverOrder},
		{"POST /orders/{order}/return", users.ManageOrders, s.returnOrder},
		{"POST /orders/{order}/forget", users.EditCustomers, s.forgetGuest},
		{"GET /system/health", users.SeeHealth, s.health},
		{"GET /system/models", users.SeeSystem, s.models},
	}
}
