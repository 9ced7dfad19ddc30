package web

import "comptant/hq/users"

// routes is every page of the dashboard that needs a person, and what it takes to use it.
func (s *site) routes() []route {
	return []route{
		{"GET /{$}", users.SeeOverview, s.overview},
		{"GET /events", users.SeeOverview, s.events},
		{"GET /stores", users.SeeReports, s.storeList},
		{"GET /stores/{store}", users.SeeReports, s.store},
		{"GET /reports", users.SeeReports, s.report},
		{"GET /reports.csv", users.SeeReports, s.reportCSV},
		{"GET /reports.xlsx", users.SeeReports, s.reportXLSX},
		{"GET /receipts", users.SeeReports, s.receipts},
		{"GET /receipts/{store}/{date}/{till}/{entry}", users.SeeReports, s.receipt},
		{"GET /stock", users.SeeStock, s.stock},
		{"GET /stock.csv", users.SeeStock, s.stockCSV},
		{"GET /stock/counts", users.SeeStock, s.counts},
		{"GET /restock", users.SeeRestocks, s.restock},
		{"POST /restock/{store}/{id}/decide", users.DecideRestocks, s.decide},
		{"POST /restock/{store}/{id}/ship", users.DecideRestocks, s.ship},
		{"GET /catalogue", users.SeeCatalog, s.catalogue},
		{"POST /catalogue/prices", users.EditCatalog, s.addPrice},
		{"POST /catalogue/prices/{version}/cancel", users.EditCatalog, s.cancelPrices},
		{"GET /catalogue/import", users.EditCatalog, s.importPage},
		{"POST /catalogue/import", users.EditCatalog, s.takeFile},
		{"GET /catalogue/import/{upload}", users.EditCatalog, s.uploadPage},
		{"GET /catalogue/import/{upload}/bad.csv", users.EditCatalog, s.badRows},
		{"POST /catalogue/import/{upload}/apply", users.EditCatalog, s.confirmUpload},
		{"GET /people", users.EditStaff, s.people},
		{"GET /customers", users.EditCustomers, s.customers},
		{"POST /customers/{customer}/erase", users.EditCustomers, s.eraseCustomer},
		{"GET /tills", users.SeeTills, s.tills},
		{"POST /tills/codes", users.EditTills, s.newCode},
		{"POST /tills/{till}/revoke", users.EditTills, s.revokeTill},
		{"GET /journal", users.SeeJournal, s.journal},
		{"POST /journal/flags", users.ResolveFlags, s.resolveFlag},
		{"POST /journal/verify", users.SeeJournal, s.verify},
		{"GET /journal/{till}", users.SeeJournal, s.tillJournal},
	}
}
