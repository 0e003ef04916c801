# Where things go and which compiler; override on the command line.
PREFIX = /usr/local
DESTDIR =
CC = cc
OPT = -O2 -g
VERSION = 0.1.0
