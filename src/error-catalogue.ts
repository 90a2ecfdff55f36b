// Every error code that the gateway can answer with: for the reference page, and its test.

import { accessErrors, hostErrors, scopeErrors } from '#access'
import { accountTokenErrors } from '#account'
import { funcErrors, webserverErrors, webUiErrors } from '#backend-ai'
import { crossSiteErrors, httpErrors } from '#http'
import { hubErrors } from '#hubs'
import { accountErrors, credentialErrors, loginErrors, logoutErrors } from '#identity'
import type { CatalogueEntry } from '#kernel'
import { portalErrors } from '#portal'
import { proxyErrors } from '#proxy'
import { sessionErrors } from '#sessions'
import { siteErrors } from '#site'
import { storageErrors } from '#storage'
import { serviceAccountErrors, tokenErrors } from '#tokens'
import { verifyErrors } from '#verify'

export const errorCatalogue: readonly CatalogueEntry[] = [
  httpErrors,
  crossSiteErrors,
  storageErrors,
  sessionErrors,
  accountErrors,
  loginErrors,
  logoutErrors,
  credentialErrors,
  accessErrors,
  hostErrors,
  scopeErrors,
  tokenErrors,
  serviceAccountErrors,
  proxyErrors,
  siteErrors,
  verifyErrors,
  webUiErrors,
  webserverErrors,
  funcErrors,
  accountTokenErrors,
  hubErrors,
  portalErrors,
].flatMap((errors) => errors.catalogue)
