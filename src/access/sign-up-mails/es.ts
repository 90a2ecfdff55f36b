// What is written about sign-ups, in Spanish.

import type { SignUpMails } from './mails.ts'

export const es: SignUpMails = {
  asked: ({ name, username, provider, email, link }) => ({
    subject: `${name} espera su aprobación`,
    text: `Una persona ha iniciado sesión por primera vez y espera a que un administrador le dé acceso.

Nombre: ${name}
Nombre de usuario: ${username}
Inicio de sesión con: ${provider}
Correo electrónico, según ese proveedor: ${email}

Decida aquí, después de iniciar sesión:
${link}

Recibe este correo porque administra este servicio. No ocurre nada hasta que alguien decida.
`,
  }),
  approved: ({ name, link }) => ({
    subject: 'Su cuenta ha sido aprobada',
    text: `Hola, ${name}:

Su cuenta ha sido aprobada. Ya puede usarla:
${link}
`,
  }),
  refused: ({ name, contact }) => ({
    subject: 'Su cuenta no ha sido aprobada',
    text: `Hola, ${name}:

Un administrador ha decidido no aprobar su cuenta.
${contact === '' ? '' : `\nA quién preguntar: ${contact}\n`}`,
  }),
}
