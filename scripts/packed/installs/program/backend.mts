// The backend of library.mts; project.mjs writes the copy that a project has.
export { reference as backend } from '@isonet/backend-reference';
