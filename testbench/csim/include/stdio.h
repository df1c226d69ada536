// C simulation has no files and no terminal: nothing is declared here on purpose.
