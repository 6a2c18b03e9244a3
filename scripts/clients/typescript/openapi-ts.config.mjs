// A function for each operation, over fetch, with nothing else at run time. scripts/clients.sh says from what and whereto.
export default {
  input: process.env.CLIENT_DESCRIPTION,
  output: { path: process.env.CLIENT_SOURCES, importFileExtension: ".js" },
  plugins: ["@hey-api/client-fetch", "@hey-api/sdk", "@hey-api/typescript"],
};
