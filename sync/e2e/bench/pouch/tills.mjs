// Tills that keep their sales in PouchDB, each in a database on disk, and send them all to one server at once.
// Arguments: the folder of the databases, the server's database. Each line of standard input is the documents of one
// till, answered with "written"; then "replicate", answered with "replicated" when each till's replication is complete.
import { createInterface } from 'node:readline'
import PouchDB from 'pouchdb'

const [dir, server] = process.argv.slice(2)
const tills = []

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'replicate') {
    await Promise.all(tills.map((till) => till.replicate.to(server)))
    console.log('replicated')
    continue
  }
  const till = new PouchDB(`${dir}/till${tills.length}`)
  const refused = (await till.bulkDocs(JSON.parse(line))).filter((result) => result.error)
  if (refused.length > 0) throw new Error(refused[0].message)
  tills.push(till)
  console.log('written')
}
