/* The subcommands of spool. */
#ifndef SPOOL_MAIN_H
#define SPOOL_MAIN_H

int put_main(int argc, char **argv);
int each_main(int argc, char **argv);
int replay_main(int argc, char **argv);

#endif
