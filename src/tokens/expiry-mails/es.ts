// What is written about tokens that end soon, in Spanish.

import type { ExpiryMails } from './mails.ts'

export const es: ExpiryMails = {
  token: ({ name, token, prefix, endsAt, more, link }) => ({
    subject: `Su token de acceso «${token}» caduca pronto`,
    text: `Hola, ${name}:

Su token de acceso «${token}» (${prefix}…) caduca el ${endsAt}. A partir de ese momento se rechazarán los programas que lo usen.
${more === '' ? '' : `\nOtros tokens suyos que caducan pronto: ${more}\n`}
Si todavía lo necesita, cree uno nuevo aquí y póngalo donde se usa el anterior:
${link}

Si ya no lo necesita, no tiene que hacer nada.
`,
  }),
  key: ({ account, prefix, endsAt, usedAt, usedFrom, link }) => ({
    subject: `Una clave antigua de ${account} sigue en uso y caduca pronto`,
    text: `La clave ${prefix}… de la cuenta de servicio ${account} caduca el ${endsAt}, porque se creó una más reciente. Desde entonces se ha usado: el ${usedAt}, desde ${usedFrom}.

Dé la clave más reciente al programa que se ejecuta allí, o cree otra aquí:
${link}

Recibe este correo porque administra este servicio.
`,
  }),
}
