// An API that lets the code of docs/assertion.md say who is calling: caller.mjs in the folder given.
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errors } from 'jose'

const file = pathToFileURL(join(process.argv[2], 'caller.mjs'))

const server = createServer(async (request, response) => {
  // Not before it is asked: by then the test has written it.
  const { caller } = await import(file)
  let status, answer
  try {
    ;[status, answer] = [200, await caller(request.headers['x-auth-assertion'])]
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
    ;[status, answer] = [401, { refused: `${error.name}: ${error.message}` }]
  }
  response.writeHead(status).end(JSON.stringify(answer))
})
// The curl of the tests sends an empty one.
server.on('checkExpectation', (request, response) => server.emit('request', request, response))
server.listen(0, '127.0.0.1', () => console.error(`serving 127.0.0.1:${server.address().port}`))
// The test holds the other end, and lets go of it in any case.
process.stdin.resume().on('end', () => process.exit())
