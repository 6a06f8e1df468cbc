import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Job } from '../support/runner.ts'
import { useScene } from '../support/scene.ts'

const scene = useScene()

test.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])('%s: main and post step trust it', async name => {
  const job = new Job()
  const path = job.commandFile('ca')
  writeFileSync(path, scene.emulator.caPem)
  const scenario = scene.scenario({ 'ca-certificates': '' }, { [name]: path }, job)
  expect(await scenario.main()).toMatchObject({ exitCode: 0, annotations: [] })
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})
