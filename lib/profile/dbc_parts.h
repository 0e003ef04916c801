/* Private to the DBC parser: what its files share. */
#ifndef PROFILE_DBC_PARTS_H
#define PROFILE_DBC_PARTS_H

#include "profile/dbc.h"
#include "profile/dbc_lex.h"

/* In the id of a message: it has 29 bits. */
#define DBC_EXTENDED UINT32_C(0x80000000)

/* A VAL_TABLE_. */
struct dbc_table {
	const char *name;
	const struct dbc_choice *choices;
	size_t count;
	struct dbc_table *next;
};

struct dbc_parser {
	struct dbc_lex lex;
	struct dbc *dbc;
	struct dbc_message *message; /* that SG_ lines belong to, or NULL */
	struct dbc_table *tables;
	struct failure *why;
};

/* Statements about signals that are known already; what makes no sense is
 * passed over. The word that begins them is read. */
void dbc_float_line(struct dbc_parser *p); /* SIG_VALTYPE_ */
void dbc_ranges_line(struct dbc_parser *p); /* SG_MUL_VAL_ */
void dbc_values_line(struct dbc_parser *p); /* VAL_ */
void dbc_table_line(struct dbc_parser *p); /* VAL_TABLE_ */
void dbc_attribute_line(struct dbc_parser *p); /* BA_ */

#endif
